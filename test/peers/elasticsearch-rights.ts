/** What the fake Elasticsearch says of itself: licence, privileges, mapping, indices. */
import { refuse, type Answer, type EngineKind, type Json } from "./elasticsearch-search.ts";
import { isView, select, type EngineState } from "./elasticsearch-state.ts";

/** `GET /` */
export function rootOf(kind: EngineKind): Answer {
  if (kind === "elasticsearch") return [200, { version: { number: "8.19.2" } }];
  if (kind === "elasticsearch-bare") return [200, { version: { number: "7.9.3" } }];
  return [200, { version: { number: "2.19.6", distribution: "opensearch" } }];
}

/** `GET /_license` */
export function licenseOf({ licence, lacking }: EngineState): Answer {
  if (!lacking.has("monitor")) return [200, { license: { status: "active", type: licence } }];
  return refuse(403, "security_exception", "action [cluster:monitor/xpack/license/get]");
}

/** `POST /_security/user/_has_privileges` */
export function privilegesOf({ lacking }: EngineState, { cluster, index, ...rest }: Json): Answer {
  if (!Array.isArray(cluster) || !Array.isArray(index) || Object.keys(rest).length > 0)
    return refuse(400, "parse_exception", "cluster and index are expected");
  const flags = (wanted: unknown, where: string) =>
    (wanted as string[]).map((each) => [each, !lacking.has(each + where)] as const);
  const indices = (index as Json[]).flatMap(({ names, privileges }) =>
    (names as string[]).map((name) => [name, Object.fromEntries(flags(privileges, ` on ${name}`))]),
  );
  return [
    200,
    {
      username: "reader",
      has_all_requested: lacking.size === 0,
      cluster: Object.fromEntries(flags(cluster, "")),
      index: Object.fromEntries(indices),
      application: {},
    },
  ];
}

/** `GET /<index>/_field_caps?fields=…` */
export function fieldCapsOf(state: EngineState, index: string, asked: string | null): Answer {
  const found = select(state, index);
  if (!isView(found)) return found;
  if (!asked) return refuse(400, "validation", "no fields specified");
  const known = asked.split(",").flatMap((field) => {
    const type = state.fields.get(field);
    return type === undefined ? [] : [[field, { [type]: { type, searchable: true } }] as const];
  });
  const indices = [...new Set(found.documents.map(({ _index }) => _index)), ...state.indices];
  return [200, { indices, fields: Object.fromEntries(known) }];
}
