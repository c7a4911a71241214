/** Sending to TheHive: credentials, and which version it is. What is done there stands in `deliver.ts`. */
import type { Secret } from "../../config/secret.ts";
import type { Destination, DestinationContext, Message, SendContext } from "../destination.ts";
import { createJsonCall, trying } from "../json-call.ts";
import type { Outcome } from "./answer.ts";
import { createApi } from "./api.ts";
import type { StatusNames } from "./change.ts";
import { deliver } from "./deliver.ts";
import { detectDialect, type Dialect, DIALECTS } from "./dialect.ts";
import type { HiveAlert } from "./model.ts";

export interface SendOptions {
  readonly url: string;
  readonly api_key: Secret;
  readonly organisation?: string | undefined;
  readonly version: "auto" | 4 | 5;
  readonly statuses: StatusNames;
}

export interface Sender {
  readonly send: Destination<HiveAlert>["send"];
  /** The dialect of the next message, as far as known. */
  dialect(): Dialect;
}

/** How long a dialect that was asked for holds, in milliseconds. */
const HOLDS_FOR = 600_000;

/**
 * Makes the function that sends a rendered alert. The dialect is asked for seldom, and forgotten when a try
 * fails or some time has passed: a TheHive that was away, noticed or not, may have come back as a newer one,
 * whose TLP numbers mean something else.
 */
export function createSender(options: SendOptions, context: DestinationContext): Sender {
  const { url, version, statuses } = options;
  const now = () => context.now();
  const call = createJsonCall(credentialsOf(options), context);
  const configured = version === "auto" ? undefined : DIALECTS[version];
  let known = configured;
  let knownUntil = 0;
  const dialectNow = async (sending: SendContext): Promise<Outcome<Dialect>> => {
    if (configured) return { value: configured };
    if (known && now() < knownUntil) return { value: known };
    const detected = await detectDialect(call, { url, now }, sending);
    if (detected.failed) return detected;
    known = detected.value;
    knownUntil = now() + HOLDS_FOR;
    return detected;
  };
  const attempt = async (alert: HiveAlert, message: Message, sending: SendContext) => {
    const detected = await dialectNow(sending);
    if (detected.failed) return detected.failed;
    const api = createApi(call, { url, dialect: detected.value, now }, sending);
    return await deliver(api, alert, message, statuses);
  };
  return {
    dialect: () => known ?? DIALECTS[5],
    async send(alert, message, sending) {
      const verdict = await trying(() => attempt(alert, message, sending));
      if (verdict.kind !== "delivered") known = configured;
      return verdict;
    },
  };
}

function credentialsOf({ api_key, organisation }: SendOptions) {
  const authorization = `Bearer ${api_key.reveal()}`;
  const headers = organisation === undefined ? {} : { "x-organisation": organisation };
  // Ids stand in paths, and answers tell the same ids.
  return {
    headers: { authorization, ...headers },
    secrets: [authorization],
    urls: "public",
  } as const;
}
