/**
 * The alerts of a fake Kibana, and what its updates by query do with them: the queries that Tocsin
 * sends are evaluated, every other is refused.
 */

export type Json = Record<string, unknown>;
export type Answer = readonly [status: number, body: unknown];

export interface FakeAlert {
  readonly _id: string;
  /** As stored: Kibana writes flat keys. */
  readonly _source: Json;
}

export const STATUS = "kibana.alert.workflow_status";
export const CHANGED_AT = "kibana.alert.workflow_status_updated_at";
const TAGS = "kibana.alert.workflow_tags";
const STATUSES = new Set<unknown>(["open", "acknowledged", "closed", "in-progress"]);

/** Refuses as Kibana's own validation does. */
export function refuse(status: number, error: string, message: string): Answer {
  return [status, { statusCode: status, error, message }];
}

/** Refuses as a route of Elastic Security does. */
function refuseQuery(message: string): Answer {
  return [400, { message, status_code: 400 }];
}

function invalid(message: string): Answer {
  return refuse(400, "Bad Request", `[request body]: ${message}`);
}

export interface Updating {
  readonly alerts: readonly FakeAlert[];
  /** Alerts that something else writes at the same time. */
  readonly contested: ReadonlySet<string>;
  readonly now: number;
}

/** `POST /api/detection_engine/signals/status` */
export function setStatus(body: Json, { alerts, contested, now }: Updating): Answer {
  const { signal_ids: ids, query, status, conflicts = "abort", ...rest } = body;
  if (Object.keys(rest).length > 0) return invalid(`unknown ${Object.keys(rest).join()}`);
  if (!STATUSES.has(status)) return invalid("status: Invalid enum value");
  if ((ids === undefined) === (query === undefined)) return invalid("Invalid input");
  if (ids !== undefined && !isIds(ids)) return invalid("signal_ids: at least 1 element");
  if (conflicts !== "abort" && conflicts !== "proceed") return invalid("conflicts: Invalid enum");
  const matches = compile(query ?? { ids: { values: ids } });
  if (!matches) return refuseQuery(`parsing_exception: unknown query ${JSON.stringify(query)}`);
  const found = alerts.filter(matches);
  const free = found.filter(({ _id }) => !contested.has(_id));
  if (free.length < found.length && conflicts === "abort")
    return [409, { message: "version_conflict_engine_exception", status_code: 409 }];
  for (const { _source } of free) writeStatus(_source, status, now);
  return updateAnswer(found.length, free.length);
}

/** An alert that has the status already keeps its time, but counts as updated. */
function writeStatus(source: Json, status: unknown, now: number): void {
  const signal = source["signal"] as Json | undefined;
  if (signal?.["status"] !== undefined) signal["status"] = status;
  if (source[STATUS] === undefined || source[STATUS] === status) return;
  source[STATUS] = status;
  source[CHANGED_AT] = new Date(now).toISOString();
}

/** `POST /api/detection_engine/signals/tags` */
export function setTags(body: Json, alerts: readonly FakeAlert[]): Answer {
  const { ids, tags, ...rest } = body;
  const { tags_to_add: add, tags_to_remove: remove } = (tags ?? {}) as Json;
  if (Object.keys(rest).length > 0 || !isIds(ids)) return invalid("ids: Required");
  if (!isTexts(add) || !isTexts(remove)) return invalid("tags: Required");
  if (add.some((tag) => remove.includes(tag)))
    return [400, { message: ["Duplicate tags were found"], status_code: 400 }];
  const found = alerts.filter(({ _id }) => ids.includes(_id));
  for (const { _source } of found) {
    const kept = ((_source[TAGS] ?? []) as string[]).filter((tag) => !remove.includes(tag));
    _source[TAGS] = [...new Set([...kept, ...add])];
  }
  return updateAnswer(found.length, found.length);
}

/** `POST /api/detection_engine/signals/search` */
export function search(body: Json, alerts: readonly FakeAlert[]): Answer {
  const { query, size = 10, _source: wanted, ...rest } = body;
  if (Object.keys(rest).length > 0) return invalid(`unknown ${Object.keys(rest).join()}`);
  if (!Number.isInteger(size) || (size as number) < 0) return invalid("size: Expected integer");
  if (!isTexts(wanted)) return invalid("_source: Expected array");
  const matches = compile(query);
  if (!matches) return refuseQuery(`parsing_exception: unknown query ${JSON.stringify(query)}`);
  const found = alerts.filter(matches);
  const hits = found.slice(0, size as number).map(({ _id, _source }) => {
    const shown = Object.entries(_source).filter(([key]) =>
      wanted.some((path) => leads(key, path)),
    );
    return { _id, _index: ".internal.alerts-security.alerts", _source: Object.fromEntries(shown) };
  });
  const total = { value: found.length, relation: "eq" };
  return [200, { took: 1, timed_out: false, hits: { total, max_score: null, hits } }];
}

/** A flat key that is the path, or an object on the way to it. */
function leads(key: string, path: string): boolean {
  return path === key || path.startsWith(`${key}.`);
}

function updateAnswer(total: number, updated: number): Answer {
  const version_conflicts = total - updated;
  return [200, { took: 5, timed_out: false, total, updated, version_conflicts, failures: [] }];
}

function isIds(value: unknown): value is string[] {
  return isTexts(value) && value.length > 0;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string" && each !== "");
}

type Match = (alert: FakeAlert) => boolean;

/** Undefined for a query that is not among those known. */
function compile(query: unknown): Match | undefined {
  const [kind, ...others] = Object.keys((query ?? {}) as Json);
  const inner = (query as Json)?.[kind ?? ""] as Json | undefined;
  if (inner === undefined || others.length > 0) return undefined;
  if (kind === "ids") return compileIds(inner);
  if (kind === "range") return compileRange(inner);
  return kind === "bool" ? compileBool(inner) : undefined;
}

function compileIds({ values, ...rest }: Json): Match | undefined {
  if (!isTexts(values) || Object.keys(rest).length > 0) return undefined;
  return ({ _id }) => values.includes(_id);
}

/** An alert without the field is in no range. */
function compileRange(range: Json): Match | undefined {
  const { gt, ...rest } = (range[CHANGED_AT] ?? {}) as Json;
  if (typeof gt !== "string" || Number.isNaN(Date.parse(gt))) return undefined;
  if (Object.keys(rest).length > 0 || Object.keys(range).length > 1) return undefined;
  return ({ _source }) => Date.parse(String(_source[CHANGED_AT])) > Date.parse(gt);
}

function compileBool({ filter = [], must_not = [], ...rest }: Json): Match | undefined {
  const [all, none] = [filter, must_not].map((part) => [part].flat().map(compile));
  if (!all || !none || Object.keys(rest).length > 0) return undefined;
  if ([...all, ...none].includes(undefined)) return undefined;
  return (alert) => all.every((each) => each?.(alert)) && !none.some((each) => each?.(alert));
}
