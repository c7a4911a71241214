/** Posting to the server that runs, as any sender does. */
import { z } from "zod";
import { fail, messageOf } from "../errors.ts";
import { usage } from "./failure.ts";

const TIMEOUT_MS = 60_000;

export interface PostOptions {
  /** Address of the server, without a path. */
  readonly url: string;
  readonly key: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** What one request came to. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Posts a body to a source. Throws REQUEST_FAILED when nobody answers. */
export async function postBody(
  { source, bytes }: { readonly source: string; readonly bytes: Uint8Array },
  { url, key, idempotencyKey }: PostOptions,
): Promise<Answer> {
  const target = ingestUrl(url, source);
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      body: Buffer.from(bytes),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: parse(await response.text()) };
  } catch (error) {
    throw unreachable(target.origin, error);
  }
}

function ingestUrl(url: string, source: string): URL {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw usage(`--url ${url} is not an http or https URL`, "write it like http://127.0.0.1:7373");
  }
  return new URL(`/v1/ingest/${encodeURIComponent(source)}`, url);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function unreachable(origin: string, error: unknown) {
  // fetch says only "fetch failed"; why is in its cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return fail("REQUEST_FAILED", {
    component: "send",
    message: `no answer from ${origin}: ${messageOf(cause)}`,
    hint: "start the server with `tocsin start`, name it with --url, or use --dry-run",
    cause: error,
  });
}

const quarantinedItem = z.object({ id: z.string(), reason: z.string(), detail: z.string() });
const acceptedAnswer = z.object({
  accepted: z.number(),
  duplicates: z.number(),
  events: z.array(z.object({ id: z.string(), key: z.string() })).default([]),
  quarantined: z.array(quarantinedItem).default([]),
  empty: z.string().nullable().default(null),
});
const problemAnswer = z.object({
  message: z.string().optional(),
  hint: z.string().optional(),
  quarantine_id: z.string().optional(),
});

/** What several answers say together. */
export function collectAnswers(answers: readonly Answer[]) {
  const accepted = answers
    .filter(({ status }) => status < 300)
    .flatMap(({ body }) => acceptedAnswer.safeParse(body).data ?? []);
  return {
    accepted: accepted.reduce((total, answer) => total + answer.accepted, 0),
    duplicates: accepted.reduce((total, answer) => total + answer.duplicates, 0),
    events: accepted.flatMap(({ events }) => events),
    quarantined: accepted.flatMap(({ quarantined }) => quarantined),
    /** Why there was nothing in a body that was taken. */
    empty: accepted.flatMap(({ empty }) => empty ?? []),
    refused: answers.filter(({ status, body }) => status >= 300 || !isAccepted(body)).map(refusal),
  };
}

/** Something else than Tocsin may answer 200 on that address. */
function isAccepted(body: unknown): boolean {
  return acceptedAnswer.safeParse(body).success;
}

function refusal({ status, body }: Answer) {
  const problem = problemAnswer.safeParse(body).data ?? {};
  const { message = String(body).slice(0, 200), quarantine_id: id } = problem;
  const hint = hintFor(status, id) ?? problem.hint ?? "nothing of it was taken";
  return { status, message, hint, quarantine_id: id ?? null };
}

/** What somebody at a terminal can do; undefined where the server knows better. */
function hintFor(status: number, quarantineId: string | undefined): string | undefined {
  if (quarantineId !== undefined) return `it is kept: tocsin quarantine show ${quarantineId}`;
  if (status === 401)
    return "give a key with --key or TOCSIN_KEY; make one with `tocsin key create`";
  if (status === 403) return "the key may not send to this source; see `tocsin key list`";
  if (status < 300) return "--url leads to something that is not Tocsin";
  return undefined;
}
