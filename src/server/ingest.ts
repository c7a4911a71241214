/**
 * The endpoints that take alerts in. Authentication and back-pressure come before the body; the
 * answer comes after the commit.
 *
 * | endpoint | answers |
 * | `POST /v1/ingest/{source}` | 202 with ids |
 * | `POST /v1/ingest/{source}/t/{token}` | the same, for senders that cannot set headers |
 * | `POST /api/webhook/{kibana,splunk}` | 200 with `message_ids` |
 * | `POST /webhook`, and a source's own `path` | 200 with a line of text |
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Configuration, ConfiguredSource } from "../app/configuration.ts";
import { takeReceipt, type Taken } from "../app/intake.ts";
import { fail, messageOf, TocsinError } from "../errors.ts";
import type { Stream } from "../stream/stream.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { authenticate, checkSignature, type VerifyKey } from "./credentials.ts";
import type { Gate } from "./gate.ts";
import { keptHeaders } from "./headers.ts";
import { problemOf } from "./problem.ts";

export interface IngestParts {
  readonly stream: Stream;
  readonly sources: Configuration["sources"];
  readonly limits: Configuration["limits"];
  readonly rate: Configuration["rate_limit"];
  readonly gate: Gate;
  readonly telemetry: Telemetry;
  readonly verify: VerifyKey;
  /** Told the id of a key that was used. */
  noteUse(key: string): void;
  now(): number;
}

/** How an endpoint words its answer. */
type Wording = (reply: FastifyReply, taken: Taken) => FastifyReply;

interface Endpoint {
  readonly path: string;
  readonly wording: Wording;
  /** Whether the listener is the one that the source's `auth: none` was checked for. */
  isOwn(source: ConfiguredSource): boolean;
  /** Finds the source of a request; undefined when there is none. */
  sourceOf(request: FastifyRequest): ConfiguredSource | undefined;
}

interface Sender {
  readonly source: ConfiguredSource;
  /** Null until the signature over the body has told. */
  readonly via: string | null;
  readonly begun: number;
}

const SENDER = Symbol("sender");
type Carrying = FastifyRequest & { [SENDER]?: Sender };

/** Registers the endpoints of the main listener. */
export function registerIngest(app: FastifyInstance, parts: IngestParts): void {
  const { sources } = parts;
  const named = (request: FastifyRequest) =>
    sources.get((request.params as { source: string }).source);
  const firstOf = (kind: string) => () =>
    [...sources.values()].find((source) => source.kind === kind);
  // A source with a listener of its own may be open there; here it is as closed as any other.
  const isOwn = ({ listen }: ConfiguredSource) => listen === null;
  const own = [...sources.values()].filter(({ common, listen }) => common.path && !listen);
  addEndpoints(app, parts, [
    { path: "/v1/ingest/:source", wording: accepted, sourceOf: named, isOwn },
    { path: "/v1/ingest/:source/t/:token", wording: accepted, sourceOf: named, isOwn },
    { path: "/api/webhook/kibana", wording: success, sourceOf: firstOf("kibana"), isOwn },
    { path: "/api/webhook/splunk", wording: success, sourceOf: firstOf("splunk"), isOwn },
    { path: "/webhook", wording: line, sourceOf: firstOf("superna"), isOwn },
    ...own.map((source) => ({
      path: source.common.path ?? "",
      wording: line,
      sourceOf: () => source,
      isOwn,
    })),
  ]);
}

/** Registers the endpoints of a listener that belongs to one source. */
export function registerOwnListener(
  app: FastifyInstance,
  parts: IngestParts,
  source: ConfiguredSource,
): void {
  const sourceOf = () => source;
  const isOwn = () => true;
  addEndpoints(app, parts, [
    { path: source.common.path ?? "/webhook", wording: line, sourceOf, isOwn },
    { path: `/v1/ingest/${source.name}`, wording: accepted, sourceOf, isOwn },
    { path: `/v1/ingest/${source.name}/t/:token`, wording: accepted, sourceOf, isOwn },
  ]);
}

function addEndpoints(
  app: FastifyInstance,
  parts: IngestParts,
  endpoints: readonly Endpoint[],
): void {
  app.register(async (scope) => {
    // Bytes are bytes, whatever the sender calls them: some call JSON a form.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: parts.limits.body },
      (_, body, done) => done(null, body),
    );
    for (const endpoint of endpoints) {
      scope.route({
        method: "POST",
        url: endpoint.path,
        bodyLimit: parts.limits.body,
        onRequest: async (request) => admit(request, endpoint, parts),
        handler: (request, reply) => take(request, reply, endpoint, parts),
        errorHandler: (error, request, reply) => void refuse(error, request, reply, parts),
      });
    }
  });
}

function admit(request: Carrying, endpoint: Endpoint, parts: IngestParts): void {
  const source = endpoint.sourceOf(request);
  if (!source) throw noSuchSource(request);
  const begun = performance.now();
  request[SENDER] = { source, via: null, begun };
  const token = (request.params as { token?: string }).token;
  const isOpen = source.common.auth === "none" && endpoint.isOwn(source);
  const via = authenticate(source, request, { token, isOpen }, parts.verify);
  if (via?.startsWith("key:")) parts.noteUse(via.slice(4));
  parts.gate.checkRate(`${source.name} ${via ?? request.ip}`, source.common.rate ?? parts.rate);
  parts.gate.checkRoom();
  request[SENDER] = { source, via, begun };
}

async function take(
  request: Carrying,
  reply: FastifyReply,
  endpoint: Endpoint,
  parts: IngestParts,
): Promise<FastifyReply> {
  const sender = request[SENDER];
  if (!sender) throw fail("INTERNAL", { component: "ingest", message: "a request passed no gate" });
  const { source } = sender;
  const bytes = Buffer.isBuffer(request.body) ? request.body : new Uint8Array();
  const receivedAt = parts.now();
  checkSignature(source, request, bytes, receivedAt);
  const taken = await takeReceipt(parts.stream, source, parts.limits, {
    bytes,
    contentType: request.headers["content-type"],
    headers: () => keptHeaders(request.headers, source),
    idempotencyKey: idempotencyKeyOf(request),
    via: sender.via ?? "signature",
    receivedAt,
  });
  report(request, sender, taken, parts);
  const isUnreadable = taken.events.length === 0 && taken.quarantined.length > 0;
  return isUnreadable
    ? unreadable(request, reply, source, taken, parts.limits.depth)
    : endpoint.wording(reply, taken);
}

/** `Idempotency-Key` (IETF draft), or the id of a Standard Webhook: constant over its retries. */
function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const value = headers["idempotency-key"] ?? headers["webhook-id"];
  const first = Array.isArray(value) ? value[0] : value;
  return first === "" ? undefined : first;
}

function report(request: FastifyRequest, sender: Sender, taken: Taken, parts: IngestParts): void {
  const duplicates = taken.events.filter(({ duplicate }) => duplicate).length;
  parts.telemetry.emit({
    event: "receipt_stored",
    source: sender.source.name,
    accepted: taken.events.length - duplicates,
    duplicates,
    quarantined: taken.quarantined.length,
    request: request.id,
    duration: performance.now() - sender.begun,
  });
}

const accepted: Wording = (reply, taken) => {
  const duplicates = taken.events.filter(({ duplicate }) => duplicate).length;
  return reply.code(202).send({
    accepted: taken.events.length - duplicates,
    duplicates,
    events: taken.events.map(({ id, key }) => ({ id, key })),
    ...(taken.quarantined.length > 0 ? { quarantined: taken.quarantined } : {}),
    ...(taken.empty ? { empty: taken.empty } : {}),
  });
};

const success: Wording = (reply, taken) => {
  const fresh = taken.events.filter(({ duplicate }) => !duplicate);
  return reply.code(200).send({
    status: "success",
    stream: taken.stream,
    sent: fresh.length,
    skipped: taken.events.length - fresh.length,
    message_ids: fresh.map(({ id }) => id),
    ...(taken.quarantined.length > 0 ? { quarantined: taken.quarantined } : {}),
    ...(taken.empty ? { empty: taken.empty } : {}),
  });
};

const line: Wording = (reply, taken) => {
  const duplicates = taken.events.filter(({ duplicate }) => duplicate).length;
  const parts = [
    `${taken.events.length - duplicates} accepted`,
    `${duplicates} known already`,
    `${taken.quarantined.length} put in quarantine`,
  ];
  return reply
    .code(200)
    .type("text/plain; charset=utf-8")
    .send(`${parts.join(", ")}\n`);
};

function unreadable(
  request: FastifyRequest,
  reply: FastifyReply,
  source: ConfiguredSource,
  taken: Taken,
  depth: number,
): FastifyReply {
  const [first] = taken.quarantined;
  if (first?.reason === "too_deep") return sendProblem(reply, tooDeep(first.id, depth), request.id);
  const error = fail("BODY_UNREADABLE", {
    component: `source ${source.name}`,
    message: `the body could not be read: ${first?.detail ?? first?.reason ?? "no reason"}`,
    hint: "It is kept in quarantine; see tocsin quarantine show, and repair it with quarantine replay.",
    data: {
      reason: first?.reason,
      quarantine_id: first?.id,
      quarantined: taken.quarantined.length,
    },
  });
  return sendProblem(reply, error, request.id);
}

/** Over this limit the body is kept all the same: it was read far enough to be stored. */
function tooDeep(quarantineId: string, depth: number): TocsinError {
  return fail("LIMIT_EXCEEDED", {
    component: "ingest",
    message: `the body is nested deeper than the limit depth = ${depth}`,
    hint: "It is kept in quarantine. Raise limits.depth in the configuration, then replay it.",
    data: { limit: "depth", value: depth, quarantine_id: quarantineId },
  });
}

function refuse(
  thrown: unknown,
  request: Carrying,
  reply: FastifyReply,
  parts: IngestParts,
): FastifyReply {
  const error = asTocsinError(thrown, parts);
  const source = request[SENDER]?.source.name ?? "unknown";
  const { code, message } = error;
  parts.telemetry.emit({
    event: "receipt_refused",
    source,
    code,
    request: request.id,
    detail: message,
  });
  // What is not read would be taken for the next request on this connection.
  if (error.status !== 422) reply.header("connection", "close");
  return sendProblem(reply, error, request.id);
}

function asTocsinError(thrown: unknown, parts: IngestParts): TocsinError {
  if (thrown instanceof TocsinError) return thrown;
  const code = (thrown as { code?: string }).code;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return fail("LIMIT_EXCEEDED", {
      component: "ingest",
      message: `the body is larger than the limit body = ${parts.limits.body} bytes`,
      hint: "Send fewer alerts per request, or compress the body with gzip.",
      data: { limit: "body", value: parts.limits.body },
    });
  }
  const status = (thrown as { statusCode?: number }).statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    return fail("REQUEST_INVALID", {
      component: "ingest",
      message: messageOf(thrown),
      cause: thrown,
    });
  }
  return fail("INTERNAL", { component: "ingest", message: messageOf(thrown), cause: thrown });
}

/** Sends an error as problem+json. */
function sendProblem(reply: FastifyReply, error: TocsinError, requestId: string): FastifyReply {
  const retryAfter = error.data?.["retry_after"];
  if (typeof retryAfter === "number") reply.header("retry-after", retryAfter);
  return reply
    .code(error.status)
    .type("application/problem+json")
    .send(problemOf(error, requestId));
}

/** Says nothing of the sources there are: whoever asks has shown no key yet. */
function noSuchSource(request: FastifyRequest): Error {
  const { source } = request.params as { source?: string };
  return fail("NOT_FOUND", {
    component: "ingest",
    message: source ? `there is no source "${source}"` : "no source of this kind is configured",
    hint: "List the sources with: tocsin check, or GET /api/v1/sources.",
  });
}
