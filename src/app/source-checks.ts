/**
 * Sources that cannot work as they are written. Works on the data before validation; nothing is
 * assumed about any value.
 */
import { isLoopback, readListen } from "../config/listen.ts";
import { suggest } from "../config/nearest.ts";
import type { Finding, Path } from "../config/problem.ts";
import { toElasticsearchQuery } from "../kql/index.ts";
import { feedCommon, requestCommon } from "../sources/common.ts";
import { CORRELATE_SOURCE } from "../sources/correlate/index.ts";
import { OPERATOR_SOURCE } from "../sources/tocsin/index.ts";
import { asList, asMap, queryProblem, type PlainMap } from "./entry-checks.ts";

/** Where the server listens when the configuration does not say. */
export const DEFAULT_LISTEN = "127.0.0.1:7373";

/** Findings of each source. `isRead` is undefined of a kind there is not. */
export function checkSources(
  root: PlainMap,
  isRead: (source: PlainMap) => boolean | undefined,
): Finding[] {
  const clusters = asMap(root["clusters"]);
  const listen = root["listen"] ?? DEFAULT_LISTEN;
  return Object.entries(asMap(root["sources"])).flatMap(([name, entry]) => {
    const source = asMap(entry);
    const path = ["sources", name];
    return [
      ...checkName(name),
      ...(isRead(source) ? checkFeed(source, clusters, path) : []),
      ...(isRead(source) === false ? checkKeys(source, feedCommon, SENT_TO, path) : []),
      ...checkAuth(source["auth"], source["listen"] ?? listen, [...path, "auth"]),
    ];
  });
}

const TAKEN: readonly string[] = [OPERATOR_SOURCE, CORRELATE_SOURCE];

function checkName(name: string): Finding[] {
  if (!TAKEN.includes(name)) return [];
  const message = `the name \`${name}\` is taken`;
  const hint = "Tocsin's own alerts come from it; choose another";
  return [{ level: "error", path: ["sources", name], at: "key", message, hint }];
}

interface Sort {
  readonly called: string;
  readonly hint: string;
}
const SENT_TO: Sort = {
  called: "a source that is sent to",
  hint: "it says when a source is read; this one waits for what is sent",
};
const READ: Sort = {
  called: "a source that is read",
  hint: "it is for requests, and nobody sends to this source",
};

/** Settings of the other sort of sources. */
function checkKeys(source: PlainMap, foreign: object, sort: Sort, path: Path): Finding[] {
  return Object.keys(source)
    .filter((key) => Object.hasOwn(foreign, key))
    .map((key) => ({
      level: "error",
      path: [...path, key],
      at: "key",
      message: `\`${key}\` has no meaning for ${sort.called}`,
      hint: sort.hint,
    }));
}

function checkFeed(source: PlainMap, clusters: PlainMap, path: Path): Finding[] {
  return [
    ...checkKeys(source, requestCommon, READ, path),
    ...checkCluster(source["cluster"], clusters, [...path, "cluster"]),
    ...checkWriteBack(source, clusters, [...path, "write_back"]),
    ...checkFilter(source["filter"], [...path, "filter"]),
  ];
}

/** Findings of the name of a cluster, which may be missing. */
export function checkCluster(name: unknown, clusters: PlainMap, path: Path): Finding[] {
  if (typeof name !== "string" || Object.hasOwn(clusters, name)) return [];
  const message = `unknown cluster \`${name}\``;
  const hint = suggest(name, Object.keys(clusters), "clusters");
  return [{ level: "error", path, message, hint }];
}

/** The status of an alert is Kibana's to change, not the cluster's. */
function checkWriteBack(source: PlainMap, clusters: PlainMap, path: Path): Finding[] {
  const { write_back: asked, cluster: name } = source;
  if (asked !== true || typeof name !== "string" || !Object.hasOwn(clusters, name)) return [];
  if (asList(source["from"]).includes("stack")) return [stackIsNotWrittenBack(path)];
  const cluster = asMap(clusters[name]);
  // A Cloud ID names both.
  if ("kibana" in cluster || "cloud_id" in cluster) return [];
  const message = `cluster \`${name}\` does not say where its Kibana is`;
  const hint = "give it `kibana: https://…`, or leave the status alone without `write_back`";
  return [{ level: "error", path, message, hint }];
}

/** Kibana's route for the status knows detection alerts alone. */
function stackIsNotWrittenBack(path: Path): Finding {
  const message = "the status of stack alerts cannot be set in Kibana";
  const hint = "read them with a source of their own, without `write_back`";
  return { level: "error", path, message, hint };
}

/** It is the cluster that filters. */
function checkFilter(text: unknown, path: Path): Finding[] {
  if (typeof text !== "string") return [];
  try {
    toElasticsearchQuery(text);
    return [];
  } catch (error) {
    return [queryProblem(error, path)];
  }
}

/** Without authentication only processes of this machine may send. */
function checkAuth(auth: unknown, listen: unknown, path: Path): Finding[] {
  if (auth !== "none" || typeof listen !== "string") return [];
  // An address that cannot be read is not known to be loopback.
  if (isLoopback(readListen(listen)?.host ?? "")) return [];
  const message = `\`auth: none\` would let every machine that reaches ${listen} send alerts`;
  const hint = "remove it, or give the source a `listen` of its own on 127.0.0.1";
  return [{ level: "error", path, message, hint }];
}
