/** Where a cluster and its Kibana answer. */

/** The settings that say where. */
export interface Addresses {
  readonly url?: string | readonly string[] | undefined;
  readonly cloud_id?: string | undefined;
  readonly kibana?: string | undefined;
}

/** URLs without a slash at the end. */
export interface CloudAddresses {
  readonly elasticsearch: string;
  /** Null for a deployment without Kibana. */
  readonly kibana: string | null;
}

/** The URLs of the nodes, each once, without a slash at the end. */
export function nodesOf({ url, cloud_id }: Addresses): string[] {
  const cloud = cloud_id === undefined ? undefined : readCloudId(cloud_id);
  const urls = cloud ? [cloud.elasticsearch] : [url ?? []].flat();
  return [...new Set(urls.map(withoutSlash))];
}

/** The URL of the cluster's Kibana, without a slash at the end; undefined where none is known. */
export function kibanaOf({ kibana, cloud_id }: Addresses): string | undefined {
  if (kibana !== undefined) return withoutSlash(kibana);
  return (cloud_id === undefined ? undefined : readCloudId(cloud_id)?.kibana) ?? undefined;
}

/**
 * Reads a Cloud ID: a name, a colon, and base64 of `host[:port]$elasticsearch[:port]$kibana[:port]`.
 * The parts after the first are the first labels of host names below `host`; without a port it is that
 * of `host`, and without any 443. Undefined for what is no Cloud ID.
 * https://www.elastic.co/docs/deploy-manage/deploy/elastic-cloud/find-cloud-id
 */
export function readCloudId(text: string): CloudAddresses | undefined {
  const encoded = text.slice(text.lastIndexOf(":") + 1);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const [host = "", elasticsearch = "", kibana = ""] = decoded.split("$");
  if (!NAME.test(host) || !NAME.test(elasticsearch)) return undefined;
  // Deployments without Kibana have nothing there, or this word.
  if (kibana === "" || kibana === "undefined")
    return { elasticsearch: urlOf(elasticsearch, host), kibana: null };
  if (!NAME.test(kibana)) return undefined;
  return { elasticsearch: urlOf(elasticsearch, host), kibana: urlOf(kibana, host) };
}

/** A host name, or labels of one, with or without a port. */
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i;

function urlOf(label: string, host: string): string {
  const [name = "", port] = label.split(":");
  const [domain = "", common = "443"] = host.split(":");
  // As URLs are compared: without the port that goes without saying.
  return new URL(`https://${name}.${domain}:${port ?? common}`).origin;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
