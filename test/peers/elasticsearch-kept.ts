/**
 * What the fake Elasticsearch keeps under names: index templates, lifecycle policies, data streams; and what
 * templates do to documents. Facts: the pages on each at https://www.elastic.co/docs/api/doc/elasticsearch.
 */
import { isIP } from "node:net";
import type { Json } from "./elasticsearch-query.ts";
import { refuse, type Answer } from "./elasticsearch-search.ts";
import type { EngineState } from "./elasticsearch-state.ts";

/** `GET /_index_template/<name>`, `/_ilm/policy/<name>`, `/_data_stream/<name>`, `/_cat/indices/<name>` */
export function readKept(state: EngineState, parts: readonly string[]): Answer | undefined {
  const [kind, name, policy] = [parts[0], parts.at(-1) ?? "", parts[1]];
  if (kind === "_cat" && policy === "indices") return listed(state, name);
  if (kind === "_index_template") {
    if (state.lacking.has("manage_index_templates")) return forbidden("index_template/get");
    const index_template = state.templates.get(name);
    if (!index_template) return missing(`index template matching [${name}] not found`);
    return [200, { index_templates: [{ name, index_template }] }];
  }
  if (kind === "_ilm" && policy === "policy" && isElasticsearch(state)) {
    const found = state.policies.get(name);
    return found ? [200, { [name]: found }] : missing(`Lifecycle policy not found: ${name}`);
  }
  if (kind !== "_data_stream") return undefined;
  const index = state.streams.get(name);
  if (index === undefined)
    return refuse(404, "index_not_found_exception", `no such index [${name}]`);
  return [200, { data_streams: [{ name, indices: [{ index_name: index }] }] }];
}

/** `PUT /_index_template/<name>`, `PUT /_ilm/policy/<name>` */
export function putKept(
  state: EngineState,
  parts: readonly string[],
  body: Json,
): Answer | undefined {
  const name = parts.at(-1) ?? "";
  if (parts[0] === "_index_template") {
    if (state.lacking.has("manage_index_templates")) return forbidden("index_template/put");
    const refused = checkTemplate(state, body);
    if (refused) return refused;
    state.templates.set(name, body);
    return [200, { acknowledged: true }];
  }
  if (parts[0] !== "_ilm" || parts[1] !== "policy" || !isElasticsearch(state)) return undefined;
  if (state.lacking.has("manage_ilm")) return forbidden("ilm/put");
  if (Object.keys(body).join() !== "policy")
    return refuse(400, "x_content_parse_exception", "policy");
  state.policies.set(name, body);
  return [200, { acknowledged: true }];
}

const TEMPLATE = ["index_patterns", "priority", "data_stream", "template", "_meta"];
const SETTINGS = ["index.lifecycle.name"];

function checkTemplate(state: EngineState, body: Json): Answer | undefined {
  const unknown = Object.keys(body).find((key) => !TEMPLATE.includes(key));
  if (unknown !== undefined) return refuse(400, "x_content_parse_exception", `[${unknown}]`);
  const { settings = {} } = body["template"] as { settings?: Json };
  const odd = Object.keys(settings).find(
    (key) => !SETTINGS.includes(key) || !isElasticsearch(state),
  );
  if (odd === undefined) return undefined;
  return refuse(400, "illegal_argument_exception", `unknown setting [${odd}]`);
}

/** The index that takes a document; a data stream is made where a template asks for one. */
export function placeOf(state: EngineState, name: string): { index: string; isStream: boolean } {
  const known = state.streams.get(name);
  if (known !== undefined) return { index: known, isStream: true };
  const isStream = templateOf(state, name)?.["data_stream"] !== undefined;
  if (!isStream) return { index: name, isStream };
  const index = `.ds-${name}-2026.05.05-000001`;
  state.streams.set(name, index);
  return { index, isStream };
}

/** Why a document does not fit the mapping of its template; undefined when it does. */
export function mappingRefusal(state: EngineState, name: string, source: Json): string | undefined {
  const template = templateOf(state, name)?.["template"] as { mappings?: Mapping } | undefined;
  return template?.mappings && misfit(template.mappings, source, "");
}

interface Mapping {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Mapping>>;
}

function misfit({ type, properties }: Mapping, value: unknown, path: string): string | undefined {
  if (Array.isArray(value)) {
    const found = value.map((each) => misfit({ type, properties } as Mapping, each, path));
    return found.find((each) => each !== undefined);
  }
  if (properties === undefined)
    return type === undefined || FITS[type]?.(value)
      ? undefined
      : `failed to parse field [${path}]`;
  if (typeof value !== "object" || value === null) return `object mapping for [${path}]`;
  const found = Object.entries(properties).map(([name, inner]) => {
    const below = (value as Json)[name];
    return below === undefined ? undefined : misfit(inner, below, path ? `${path}.${name}` : name);
  });
  return found.find((each) => each !== undefined);
}

const isScalar = (value: unknown) => typeof value !== "object";
const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  date: (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)),
  ip: (value) => typeof value === "string" && isIP(value) > 0 && !value.includes("%"),
  long: (value) => Number.isInteger(value),
  float: (value) => typeof value === "number",
  text: isScalar,
  keyword: isScalar,
};

function templateOf({ templates }: EngineState, name: string): Json | undefined {
  const fits = ({ index_patterns: patterns }: Json) => (patterns as string[]).includes(name);
  return [...templates.values()].find(fits);
}

function listed({ documents, indices }: EngineState, name: string): Answer {
  const names = new Set([...documents.map(({ _index }) => _index), ...indices]);
  const rows = [...names].filter((each) => each === name).map((index) => ({ index }));
  if (rows.length === 0) return refuse(404, "index_not_found_exception", `no such index [${name}]`);
  return [200, rows as unknown as Json];
}

function isElasticsearch({ kind }: EngineState): boolean {
  return kind.startsWith("elasticsearch");
}

function missing(reason: string): Answer {
  return refuse(404, "resource_not_found_exception", reason);
}

function forbidden(action: string): Answer {
  return refuse(403, "security_exception", `action [${action}] is unauthorized`);
}
