/** Why the endpoints refuse a request, as errors of the catalogue. */
import type { FastifyRequest } from "fastify";
import type { Configuration, ConfiguredSource } from "../app/configuration.ts";
import type { Taken } from "../app/intake.ts";
import { fail, messageOf, TocsinError } from "../errors.ts";

type Limits = Configuration["limits"];

/** The error for a body of which nothing could be read. Its bytes are in quarantine. */
export function unreadable(source: ConfiguredSource, taken: Taken, limits: Limits): TocsinError {
  const [first] = taken.quarantined;
  if (first?.reason === "too_deep") return tooDeep(first.id, limits.depth);
  return fail("BODY_UNREADABLE", {
    component: `source ${source.name}`,
    message: `the body could not be read: ${first?.detail ?? first?.reason ?? "no reason"}`,
    hint: "It is kept in quarantine; see tocsin quarantine show, and repair it with quarantine replay.",
    data: {
      reason: first?.reason,
      quarantine_id: first?.id,
      quarantined: taken.quarantined.length,
    },
  });
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

/** Whatever a request ran into, as an error of the catalogue. */
export function asTocsinError(thrown: unknown, limits: Limits): TocsinError {
  if (thrown instanceof TocsinError) return thrown;
  const code = (thrown as { code?: string }).code;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return fail("LIMIT_EXCEEDED", {
      component: "ingest",
      message: `the body is larger than the limit body = ${limits.body} bytes`,
      hint: "Send fewer alerts per request, or compress the body with gzip.",
      data: { limit: "body", value: limits.body },
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

/** Says nothing of the sources there are: whoever asks has shown no key yet. */
export function noSuchSource(request: FastifyRequest): TocsinError {
  const { source } = request.params as { source?: string };
  return fail("NOT_FOUND", {
    component: "ingest",
    message: source ? `there is no source "${source}"` : "no source of this kind is configured",
    hint: "List the sources with: tocsin check, or GET /api/v1/sources.",
  });
}

/** Sources that are read have no address; the message says so to whoever may send. */
export function notSentTo({ name, kind }: ConfiguredSource): TocsinError {
  return fail("NOT_FOUND", {
    component: `source ${name}`,
    message: `nothing is sent to the source "${name}": it is read`,
    hint: `A source of kind ${kind} fetches its alerts. Send to another, or configure one: kind: kibana.`,
  });
}
