/** What a cluster keeps under names beside documents: index templates, lifecycle policies, data streams. */
import { isJsonObject, type JsonObject } from "../../receipt/json.ts";
import type { Cluster } from "./call.ts";
import { encodeIndex } from "./path.ts";
import { explainRefusal, type Asked } from "./refusal.ts";
import { isNotOffered } from "./rights.ts";

export type KeptKind = "index_template" | "lifecycle_policy" | "data_stream";

const KINDS: Readonly<
  Record<KeptKind, { readonly path: string; readonly read: string; readonly write: string }>
> = {
  index_template: {
    path: "/_index_template/",
    read: "manage_index_templates",
    write: "manage_index_templates",
  },
  lifecycle_policy: { path: "/_ilm/policy/", read: "read_ilm", write: "manage_ilm" },
  data_stream: { path: "/_data_stream/", read: "view_index_metadata", write: "create_index" },
};

/** The answer about it; null when it is not there, undefined where there is nothing of the kind. */
export async function readKept(
  cluster: Cluster,
  kind: KeptKind,
  name: string,
  signal?: AbortSignal,
): Promise<JsonObject | null | undefined> {
  const { path, read } = KINDS[kind];
  const asked = askedFor("reading", kind, name, read);
  const place = `${path}${encodeIndex(cluster.component, name)}`;
  const answer = await cluster.call({ method: "GET", path: place, signal });
  if (answer.status === 200 && answer.body) return answer.body;
  // A path that is not known is refused in other words than a name that is not.
  if (answer.status === 404 && isJsonObject(answer.body?.["error"] ?? null)) return null;
  if (isNotOffered(answer)) return undefined;
  throw explainRefusal(cluster, answer, asked);
}

/** Puts it there, or replaces it. */
export async function writeKept(
  cluster: Cluster,
  kind: KeptKind,
  name: string,
  body: JsonObject,
  signal?: AbortSignal,
): Promise<void> {
  const { path, write } = KINDS[kind];
  const asked = askedFor("writing", kind, name, write);
  const place = `${path}${encodeIndex(cluster.component, name)}`;
  const answer = await cluster.call({ method: "PUT", path: place, body, signal });
  if (answer.status !== 200 || answer.body?.["acknowledged"] !== true)
    throw explainRefusal(cluster, answer, asked);
}

function askedFor(doing: string, kind: KeptKind, name: string, privilege: string): Asked {
  return { doing: `${doing} the ${kind.replace("_", " ")} ${name}`, privilege };
}
