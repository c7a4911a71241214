/**
 * `POST /v1/callback/{destination}`: what a peer posts when somebody uses the buttons of a message. No
 * key is asked for; the destination itself tells whether the request comes from its peer.
 *
 * A deed that somebody may ask for gets 200 with an empty body, soon, whether it worked or not: peers take
 * anything else, or a wait of more than three seconds, for a failure of the app. What came of it the
 * person is told by another way, and so is one who may not ask.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { TokenBucket } from "../delivery/token-bucket.ts";
import type { CallbackAnswer } from "../destinations/callback.ts";
import type { Destination } from "../destinations/destination.ts";
import { fail, messageOf, type TocsinError } from "../errors.ts";
import type { TelemetryEvent } from "../telemetry/events.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { doDeed, type DeedParts } from "./deeds.ts";
import { sendProblem } from "./problem.ts";

/** How a destination reads requests of its peer. */
export type ReadCallback = NonNullable<Destination["callback"]>;

export interface Callbacks {
  /** Null when there is no destination of this name, or when it has no buttons. */
  find(name: string): Promise<ReadCallback | null>;
}

export interface CallbackParts extends DeedParts {
  readonly callbacks: Callbacks;
  readonly telemetry: Telemetry;
  /** Epoch milliseconds. */
  now(): number;
}

/**
 * Slack sends the whole message with a click; of one in letters beyond ASCII, each takes up to nine
 * bytes of a form.
 */
const BODY_LIMIT = 256 * 1024;
/**
 * For each destination, of what comes from its peer: people do not click that fast. Who is not the peer
 * does not count, and so cannot keep the peer out.
 */
const RATE = { max: 100, per: 10_000 };
const ANSWER_WITHIN_MS = 2000;

/** Registers the endpoint. When the server closes, it waits for deeds under way. */
export function registerCallbacks(app: FastifyInstance, parts: CallbackParts): void {
  const endpoint = new CallbackEndpoint(parts);
  app.register(async (scope) => {
    // A signature is over bytes, whatever they are called.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));
    scope.addHook("onClose", () => endpoint.settle());
    scope.route({
      method: "POST",
      url: "/v1/callback/:destination",
      bodyLimit: BODY_LIMIT,
      onRequest: async (request) => void (await endpoint.find(request)),
      handler: (request, reply) => endpoint.take(request, reply),
      errorHandler: (error, request, reply) => void endpoint.refuse(error, request, reply),
    });
  });
}

type Outcome = Extract<TelemetryEvent, { readonly event: "callback_taken" }>["outcome"];

class CallbackEndpoint {
  readonly #parts: CallbackParts;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #names = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: CallbackParts) {
    this.#parts = parts;
  }

  /** Before the body, too. Throws NOT_FOUND. */
  async find(request: FastifyRequest): Promise<ReadCallback> {
    const name = nameOf(request);
    const read = await this.#parts.callbacks.find(name);
    if (!read) throw noCallback(name);
    this.#names.add(name);
    return read;
  }

  async take(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const name = nameOf(request);
    const read = await this.find(request);
    const answer = read(requestOf(request, this.#parts.now()));
    if (answer.kind !== "refused" || answer.reason !== "unauthenticated") this.#limit(name);
    const done = this.#follow(answer, request);
    if (answer.kind === "refused") throw refusal(name, answer);
    await Promise.race([done, pause(ANSWER_WITHIN_MS)]);
    return reply.code(200).send();
  }

  #limit(name: string): void {
    const now = this.#parts.now();
    const bucket = this.#buckets.get(name) ?? new TokenBucket(RATE, now);
    this.#buckets.set(name, bucket);
    const wait = bucket.take(now);
    if (wait > 0) throw tooMany(name, wait);
  }

  /** Resolves when nothing is under way any more. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Does what was asked for, then tells the person; resolves when it is done, told or not. */
  #follow(answer: CallbackAnswer, request: FastifyRequest): Promise<unknown> {
    if (answer.kind === "nothing") {
      this.#report(request, "nothing", null);
      return Promise.resolve();
    }
    if (answer.kind === "refused") {
      if (answer.tell) this.#keep(answer.tell(sentence(answer)));
      return Promise.resolve();
    }
    // One after the other: of two clicks, the second finds what the first has done.
    const done = this.#last.then(() => doDeed(answer, this.#parts));
    this.#last = done;
    this.#keep(
      done.then(({ said, error }) => {
        this.#report(request, error === null ? "done" : "failed", detailOf(error));
        return answer.tell(said);
      }),
    );
    return done;
  }

  refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    this.#report(request, "refused", messageOf(thrown));
    // What is not read would be taken for the next request on this connection.
    reply.header("connection", "close");
    return sendProblem(reply, withLimit(thrown), request.id);
  }

  #report(request: FastifyRequest, outcome: Outcome, detail: string | null): void {
    const name = nameOf(request);
    // A label is a name of the configuration, never what somebody made up.
    const destination = this.#names.has(name) ? name : "unknown";
    const { telemetry } = this.#parts;
    telemetry.emit({ event: "callback_taken", destination, outcome, request: request.id, detail });
  }

  #keep(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }
}

function detailOf(error: unknown): string | null {
  return error === null ? null : messageOf(error);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds).unref());
}

function nameOf(request: FastifyRequest): string {
  return (request.params as { destination: string }).destination;
}

function requestOf({ headers, body }: FastifyRequest, now: number): Parameters<ReadCallback>[0] {
  const flat = Object.entries(headers).map(([name, value]) => [name, String(value ?? "")]);
  const bytes = Buffer.isBuffer(body) ? body : new Uint8Array();
  return { headers: Object.fromEntries(flat) as Record<string, string>, body: bytes, now };
}

type Refused = Extract<CallbackAnswer, { readonly kind: "refused" }>;

const CODES = {
  unauthenticated: "UNAUTHENTICATED",
  forbidden: "FORBIDDEN",
  invalid: "REQUEST_INVALID",
} as const;

function refusal(name: string, { reason, message, hint }: Refused): TocsinError {
  return fail(CODES[reason], { component: `destination ${name}`, message, hint });
}

function sentence({ message, hint }: Refused): string {
  return hint === undefined
    ? `Nothing was done: ${message}.`
    : `Nothing was done: ${message}. ${hint}`;
}

/** Says the same of what is not there and of what has no buttons: whoever asks has shown nothing yet. */
function noCallback(name: string): TocsinError {
  return fail("NOT_FOUND", {
    component: "callback",
    message: `there is no destination "${name}" with buttons`,
    hint: "Buttons are made by the destination's setting `actions`.",
  });
}

function tooMany(name: string, wait: number): TocsinError {
  return fail("RATE_LIMITED", {
    component: `destination ${name}`,
    message: `more than ${RATE.max} clicks in ${RATE.per / 1000} s`,
    data: { retry_after: Math.ceil(wait / 1000) },
  });
}

function withLimit(thrown: unknown): unknown {
  if ((thrown as { code?: string }).code !== "FST_ERR_CTP_BODY_TOO_LARGE") return thrown;
  return fail("LIMIT_EXCEEDED", {
    component: "callback",
    message: `the body is larger than ${BODY_LIMIT} bytes`,
    data: { limit: "body", value: BODY_LIMIT },
    cause: thrown,
  });
}
