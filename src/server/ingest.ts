/**
 * The endpoints that take alerts in. Authentication and back-pressure come before the body; the
 * answer comes after the commit. Who is over the rate gets 429, or the status that its kind of source
 * comes back after.
 *
 * | endpoint | answers |
 * | `POST /v1/ingest/{source}` | 202 with ids |
 * | `POST /v1/ingest/{source}/t/{token}` | the same, for senders that cannot set headers |
 * | `POST /api/webhook/{kibana,splunk}` | 200 with `message_ids` |
 * | `POST /webhook`, and a source's own `path` | 200 with a line of text |
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Configuration, ConfiguredSource } from "../app/configuration.ts";
import { countEvents, takeReceipt, type Taken } from "../app/intake.ts";
import { fail, type TocsinError } from "../errors.ts";
import type { Stream } from "../stream/stream.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { authenticate, checkSignature, type VerifyKey } from "./credentials.ts";
import type { Gate } from "./gate.ts";
import { keptHeaders } from "./headers.ts";
import { accepted, line, success, type Wording } from "./answers.ts";
import { sendProblem } from "./problem.ts";
import { asTocsinError, noSuchSource, notSentTo, unreadable } from "./refusals.ts";

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
  if (source.feed) throw notSentTo(source);
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
    ? sendProblem(reply, unreadable(source, taken, parts.limits), request.id)
    : endpoint.wording(reply, taken);
}

/** `Idempotency-Key` (IETF draft), or the id of a Standard Webhook: constant over its retries. */
function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const value = headers["idempotency-key"] ?? headers["webhook-id"];
  const first = Array.isArray(value) ? value[0] : value;
  return first === "" ? undefined : first;
}

function report(request: FastifyRequest, sender: Sender, taken: Taken, parts: IngestParts): void {
  parts.telemetry.emit({
    event: "receipt_stored",
    source: sender.source.name,
    ...countEvents(taken),
    quarantined: taken.quarantined.length,
    request: request.id,
    duration: performance.now() - sender.begun,
  });
}

function refuse(
  thrown: unknown,
  request: Carrying,
  reply: FastifyReply,
  parts: IngestParts,
): FastifyReply {
  const error = asTocsinError(thrown, parts.limits);
  const source = request[SENDER]?.source;
  const { code, message } = error;
  parts.telemetry.emit({
    event: "receipt_refused",
    source: source?.name ?? "unknown",
    code,
    request: request.id,
    detail: message,
  });
  // What is not read would be taken for the next request on this connection.
  if (error.status !== 422) reply.header("connection", "close");
  return sendProblem(reply, error, request.id, statusOf(error, source));
}

/** A sender that is told to slow down must come back, and some kinds do so after one status only. */
function statusOf({ code, status }: TocsinError, source: ConfiguredSource | undefined): number {
  return code === "RATE_LIMITED" ? (source?.definition.busyStatus ?? status) : status;
}
