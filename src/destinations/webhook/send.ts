/** One try at a webhook: headers, signature, verdict by status. */
import type { Secret } from "../../config/secret.ts";
import { signStandardWebhook } from "../../net/signature.ts";
import { USER_AGENT } from "../../net/user-agent.ts";
import type { Destination, DestinationContext } from "../destination.ts";
import { exchange } from "../http-exchange.ts";
import { verdictOfAnswer, verdictOfError } from "../http-verdict.ts";

export interface SendOptions {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, Secret>>;
  readonly content_type: string;
  readonly secret?: Secret | undefined;
}

/** Makes the function that sends a rendered body. */
export function createSend(
  options: SendOptions,
  context: DestinationContext,
): Destination<string>["send"] {
  const own = revealHeaders(options.headers);
  const secrets = [...Object.values(own), ...(options.secret ? [options.secret.reveal()] : [])];
  const fixed = { "user-agent": USER_AGENT, "content-type": options.content_type, ...own };
  return async (body, { key }, sending) => {
    const signature = signatureHeaders(options.secret, key, body, context.now());
    const headers = { ...fixed, "idempotency-key": key, ...signature };
    const { url, method } = options;
    try {
      const request = { method, url, headers, body };
      const answer = await exchange(context.http, request, secrets, sending);
      return verdictOfAnswer(answer, context.now());
    } catch (error) {
      return verdictOfError(error);
    }
  };
}

function revealHeaders(headers: Readonly<Record<string, Secret>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]),
  );
}

/** The id stays the same over all tries, the timestamp is that of this one. */
function signatureHeaders(secret: Secret | undefined, id: string, body: string, now: number) {
  if (!secret) return {};
  const timestamp = Math.floor(now / 1000);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signStandardWebhook({ secret: secret.reveal(), id, timestamp, body }),
  };
}
