/** How the fake Elasticsearch stores and deletes documents. */
import { mappingRefusal, placeOf } from "./elasticsearch-kept.ts";
import type { Json, StoredDocument } from "./elasticsearch-query.ts";
import { refuse, type Answer } from "./elasticsearch-search.ts";
import { numberOf, type EngineState } from "./elasticsearch-state.ts";

/** `POST /<index>/_doc`, `PUT /<index>/_doc/<id>` */
export function store(state: EngineState, index: string, id: string | undefined, body: Json) {
  const [status, result] = write(state, "index", { _index: index, _id: id }, body);
  return [status, status < 300 ? { ...result, _shards: { total: 1, failed: 0 } } : result] as const;
}

/** `POST /_bulk`: lines of operations, each with the document behind it unless it deletes. */
export function bulk(state: EngineState, body: string): Answer {
  if (!body.endsWith("\n"))
    return refuse(400, "illegal_argument_exception", "must be terminated by a newline");
  const lines = body.slice(0, -1).split("\n");
  const tooLong = lines.map(idOf).find((id) => Buffer.byteLength(id) > 512);
  // Found before anything is done, so it refuses them all.
  if (tooLong !== undefined)
    return refuse(400, "action_request_validation_exception", `id [${tooLong}] is too long`);
  const items: Json[] = [];
  while (lines.length > 0) {
    const operation = JSON.parse(lines.shift() ?? "") as Json;
    const [kind = ""] = Object.keys(operation);
    const source = kind === "delete" ? undefined : (JSON.parse(lines.shift() ?? "") as Json);
    const [status, result] = write(state, kind, operation[kind] as Json, source);
    items.push({ [kind]: { ...result, status } });
  }
  const errors = items.some((item) => Object.values(item).some((each) => (each as Json)["error"]));
  return [200, { took: 1, errors, items }];
}

/** Of a line that names a document; "" of any other. */
function idOf(line: string): string {
  const value = JSON.parse(line) as Record<string, { _id?: unknown } | undefined>;
  const id = KINDS.map((kind) => value[kind]?._id).find((each) => typeof each === "string");
  return typeof id === "string" ? id : "";
}

function write(state: EngineState, kind: string, place: Json, source: Json = {}): Answer {
  const { _index: name, _id, if_seq_no, if_primary_term, ...rest } = place;
  if (!KINDS.includes(kind) || Object.keys(rest).length > 0 || typeof name !== "string")
    return refuse(
      400,
      "illegal_argument_exception",
      `unknown in ${kind}: ${JSON.stringify(place)}`,
    );
  const privilege = kind === "delete" ? "delete" : "create_doc";
  if (state.lacking.has(`${privilege} on ${name}`))
    return refuse(403, "security_exception", `action is unauthorized on indices [${name}]`);
  const { index: _index, isStream } = kind === "delete" ? { index: name } : placeOf(state, name);
  const refused =
    kind === "delete" ? undefined : checkDocument(state, name, isStream ? kind : "", source);
  if (refused) return refused;
  if (kind === "delete") return remove(state, { _index, _id, if_seq_no, if_primary_term });
  const id = (_id as string | undefined) ?? `made-${state.documents.length}`;
  const before = find(state, _index, id);
  if (before && kind === "create") return conflict("document already exists");
  if (before) state.documents.splice(state.documents.indexOf(before), 1);
  state.documents.push({ _index, _id: id, _source: source });
  return [201, { _index, _id: id, result: before ? "updated" : "created" }];
}

/** What a data stream does not take, and what its mapping or that of an index does not. */
function checkDocument(
  state: EngineState,
  name: string,
  kindInStream: string,
  source: Json,
): Answer | undefined {
  if (kindInStream === "index")
    return refuse(
      400,
      "illegal_argument_exception",
      "only write ops with an op_type of create are allowed in data streams",
    );
  if (kindInStream !== "" && source["@timestamp"] === undefined)
    return refuse(400, "document_parsing_exception", "data stream timestamp field is missing");
  const misfit = mappingRefusal(state, name, source);
  return misfit === undefined ? undefined : refuse(400, "document_parsing_exception", misfit);
}

const KINDS = ["create", "index", "delete"];

/** Only the state that was read, as every delete of Tocsin's says. */
function remove(state: EngineState, { _index, _id, if_seq_no, if_primary_term }: Json): Answer {
  const found = find(state, _index as string, _id as string);
  if (!found) return [404, { _index, _id, result: "not_found" }];
  if (if_seq_no !== numberOf(state, found) || if_primary_term !== 1)
    return conflict("required seqNo or primary term differ");
  state.documents.splice(state.documents.indexOf(found), 1);
  return [200, { _index, _id, result: "deleted" }];
}

function find({ documents }: EngineState, index: string, id: string): StoredDocument | undefined {
  return documents.find(({ _index, _id }) => _index === index && _id === id);
}

function conflict(reason: string): Answer {
  return refuse(409, "version_conflict_engine_exception", reason);
}
