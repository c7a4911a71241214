/** Whether a cluster can be reached, what it is, and what its licence has to do with alerts. */
import { openConfiguredCluster, type OpenCluster } from "../app/clusters.ts";
import type { Configuration } from "../app/configuration.ts";
import { nodesOf } from "../elastic/cluster/addresses.ts";
import type { ClusterInfo } from "../elastic/cluster/cluster.ts";
import type { ClusterSettings } from "../elastic/cluster/settings.ts";
import { describeSupport } from "../elastic/cluster/support.ts";
import { found, foundError, statusOf, type Finding } from "./finding.ts";

/** How one node answered. */
interface NodeAnswer {
  readonly url: string;
  readonly serves: boolean;
  /** Undefined when it did not tell what it is. */
  readonly info?: ClusterInfo;
  readonly error?: unknown;
}

export interface Reached {
  readonly findings: readonly Finding[];
  /** Whether there is any use in asking for more. */
  readonly usable: boolean;
  /** Null when the cluster does not tell. */
  readonly info: ClusterInfo | null;
}

/** Asks each node by itself. One that is gone is a warning as long as another one serves. */
export async function reachCluster(
  name: string,
  settings: ClusterSettings,
  configuration: Configuration,
): Promise<Reached> {
  const answers: NodeAnswer[] = [];
  for (const url of nodesOf(settings)) {
    // What names the cluster otherwise would lead to all of its nodes.
    const alone = { ...settings, url, cloud_id: undefined };
    answers.push(await askNode(url, () => openConfiguredCluster(name, alone, configuration)));
  }
  const info = answers.find((answer) => answer.info)?.info ?? null;
  const usable = answers.some(({ serves }) => serves);
  const nodes = answers.map((answer) => describeNode(answer, usable));
  return { findings: usable ? [...nodes, versionOf(info)] : nodes, usable, info };
}

async function askNode(url: string, open: () => Promise<OpenCluster>): Promise<NodeAnswer> {
  let cluster: OpenCluster | undefined;
  try {
    cluster = await open();
    return { url, serves: true, info: await cluster.info() };
  } catch (error) {
    return { url, serves: await servesOtherwise(cluster, error), error };
  } finally {
    await cluster?.close();
  }
}

/**
 * To tell its version takes a privilege that reading does not, and some proxies let only some questions
 * through; everybody may ask for the own privileges.
 */
async function servesOtherwise(cluster: OpenCluster | undefined, error: unknown): Promise<boolean> {
  const status = statusOf(error);
  if (status === 403) return true;
  if (!cluster || (status !== 404 && status !== 405)) return false;
  const granted = await cluster.privileges(ANY_PRIVILEGE).catch(() => null);
  return granted !== null;
}

const ANY_PRIVILEGE = { cluster: ["monitor"], indices: [] };

function describeNode({ url, serves, error }: NodeAnswer, othersServe: boolean): Finding {
  if (serves) return found("reach", "ok", `${url} answers`);
  const { text, hint } = foundError("reach", error);
  return found("reach", othersServe ? "warning" : "problem", `${url}: ${text}`, { hint });
}

const NAMES = { elasticsearch: "Elasticsearch", opensearch: "OpenSearch" } as const;

function versionOf(info: ClusterInfo | null): Finding {
  if (!info) {
    const hint = "add the cluster privilege monitor; only this command asks for it";
    return found("version", "skipped", "these credentials may not ask for it", { hint });
  }
  const unsupported = describeSupport(info);
  if (unsupported === null)
    return found("version", "ok", `${NAMES[info.flavour]} ${info.version}, supported`);
  const hint = "it may work; nothing promises that it does";
  return found("version", "warning", unsupported, { hint });
}

/** The connector of type Webhook is of Kibana's Gold licence; that of type Index of the Basic one. */
export async function describeLicence(
  cluster: Pick<OpenCluster, "license">,
  info: ClusterInfo | null,
): Promise<Finding> {
  if (info?.flavour === "opensearch") return found("licence", "ok", "OpenSearch needs none");
  try {
    const licence = await cluster.license();
    if (licence === null) return found("licence", "skipped", "not told to these credentials");
    if (licence !== "basic") return found("licence", "ok", licence);
    const text = "basic: indices can be read; Kibana's webhook connector is not part of it";
    return found("licence", "ok", text);
  } catch (error) {
    return foundError("licence", error);
  }
}
