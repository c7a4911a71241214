/** How a cluster of Elasticsearch or OpenSearch is reached, and the HTTP client that follows from it. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { baseUrl, proxyUrl } from "../../config/url.ts";
import { duration, secret } from "../../config/values.ts";
import { fail, messageOf } from "../../errors.ts";
import { createHttp } from "../../net/client.ts";
import type { EgressPolicy } from "../../net/egress.ts";
import type { TlsOptions } from "../../net/dispatcher.ts";
import type { Http } from "../../net/http.ts";
import { kibanaOf, nodesOf, readCloudId } from "./addresses.ts";

/** A page of documents may be long; one that is longer still is asked for in smaller pages. */
const LONGEST_ANSWER = 64 * 1024 * 1024;
/** To each node: what is asked for a source or a command does not wait for what is read for another. */
const CONNECTIONS = 4;

// What else stands in a header would break it, or is a line break at the end of a file.
const token = secret().refine((value) => /^[\x21-\x7e]+$/.test(value.reveal()), {
  message: "a key has no spaces or line breaks — look at the end of the secret's file",
});

/** As OpenSSL and browsers write it, or as Elasticsearch does. */
const FINGERPRINT = /^([0-9a-f]{2}:){31}[0-9a-f]{2}$|^[0-9a-f]{64}$/i;

const settings = z.strictObject({
  url: z
    .union([baseUrl(), z.array(baseUrl()).min(1)])
    .optional()
    .describe("Of what stands before the cluster, or of its nodes in a list; paths are kept."),
  cloud_id: z
    .string()
    .refine((text) => readCloudId(text) !== undefined, {
      message: "not a Cloud ID — copy it from the deployment's page, like name:ZXhhbXBsZS5jb20k…",
    })
    .optional()
    .describe("Instead of url, for Elastic Cloud: it names the cluster and its Kibana."),
  kibana: baseUrl()
    .optional()
    .describe("URL of the cluster's Kibana; credentials and TLS are the same."),
  api_key: token.optional().describe("An API key, as encoded by the cluster or as id:key."),
  username: z
    .string()
    .regex(/^[^:]+$/, "a user name has no colon")
    .optional()
    .describe("With the password, for basic authentication."),
  password: secret().optional().describe("Of the user."),
  bearer: token.optional().describe("A token for the header Authorization: Bearer."),
  ca: z.string().optional().describe("File with the certificates to trust, PEM."),
  fingerprint: z
    .string()
    .regex(FINGERPRINT, "not a SHA-256 fingerprint — write its 64 hex digits, colons are allowed")
    .optional()
    .describe("SHA-256 of the certificate that all nodes show (not of its CA); instead of ca."),
  cert: z.string().optional().describe("File with the client certificate, PEM."),
  key: z.string().optional().describe("File with the key of the client certificate, PEM."),
  verify: z.boolean().default(true).describe("false accepts any certificate."),
  proxy: proxyUrl().optional().describe("HTTP proxy to reach the cluster through."),
  timeout: duration("30s").describe("For one page, from resolving the name to the last byte."),
});

/** The settings of one entry of `clusters`; `kibana` is that of the Cloud ID where none is named. */
export const clusterSettings = settings
  .check(({ value, issues }) => {
    for (const { path, message } of contradictionsOf(value))
      issues.push({ code: "custom", input: value, path: [path], message });
  })
  .transform((value) => {
    const kibana = kibanaOf(value);
    return { ...value, ...(kibana !== undefined && { kibana }) };
  });
export type ClusterSettings = z.infer<typeof clusterSettings>;

interface Contradiction {
  readonly path: keyof ClusterSettings;
  readonly message: string;
}

type Parsed = z.infer<typeof settings>;

function contradictionsOf(value: Parsed): Contradiction[] {
  return [...ofAddress(value), ...ofCredentials(value), ...ofTls(value)];
}

function ofAddress({ url, cloud_id }: Parsed): Contradiction[] {
  if (url === undefined && cloud_id === undefined)
    return [{ path: "url", message: "missing — write it like https://es.lab:9200, or a cloud_id" }];
  if (url === undefined || cloud_id === undefined) return [];
  return [{ path: "cloud_id", message: "cloud_id names the cluster already — leave url out" }];
}

function ofCredentials(value: Parsed): Contradiction[] {
  const { url, api_key, username, password, bearer } = value;
  const found: Contradiction[] = [];
  if (!username !== !password)
    found.push({ path: "username", message: "username and password go together" });
  if ([api_key, username, bearer].filter(Boolean).length > 1) {
    const message = "give at most one of api_key, username with password, and bearer";
    found.push({ path: url === undefined ? "cloud_id" : "url", message });
  }
  return found;
}

function ofTls(value: Parsed): Contradiction[] {
  const { cert, key, fingerprint, ca, verify, proxy } = value;
  const found: Contradiction[] = [];
  if (!cert !== !key)
    found.push({ path: cert ? "cert" : "key", message: "cert and key go together" });
  if (fingerprint === undefined) return found;
  const add = (message: string) => found.push({ path: "fingerprint", message });
  if (ca !== undefined) add("fingerprint takes the place of ca — give one of them");
  if (!verify) add("verify: false accepts any certificate, fingerprint only one — remove verify");
  if (proxy !== undefined) add("a fingerprint cannot be checked through a proxy — use ca");
  if (nodesOf(value).some((node) => node.startsWith("http:")))
    add("there is no certificate behind http:// — write https://, or leave fingerprint out");
  return found;
}

export interface OpenClusterHttpOptions {
  /** As in the configuration. */
  readonly name: string;
  readonly egress: EgressPolicy;
  resolvePath(path: string): string;
}

/**
 * The HTTP client for a cluster and its Kibana, its certificates read. Opens no connection yet; close
 * it to let its connections go. Throws CONFIG_INVALID when the certificates cannot be read.
 */
export async function openClusterHttp(
  settings: ClusterSettings,
  { name, egress, resolvePath }: OpenClusterHttpOptions,
): Promise<Http> {
  const component = `cluster ${name}`;
  const { timeout, proxy } = settings;
  return createHttp({
    component,
    egress,
    connections: CONNECTIONS,
    timeout,
    longestAnswer: LONGEST_ANSWER,
    tls: await readTls(settings, component, resolvePath),
    proxy,
  });
}

async function readTls(
  settings: ClusterSettings,
  component: string,
  resolvePath: (path: string) => string,
): Promise<TlsOptions> {
  const read = async (setting: "ca" | "cert" | "key") => {
    const path = settings[setting];
    return path === undefined ? undefined : await readPem(setting, resolvePath(path), component);
  };
  const [ca, cert, key] = await Promise.all([read("ca"), read("cert"), read("key")]);
  const { verify, fingerprint } = settings;
  return { ca, cert, key, verify, fingerprint };
}

async function readPem(setting: string, path: string, component: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fail("CONFIG_INVALID", {
      component,
      message: `${setting}: ${messageOf(error)}`,
      hint: "paths are relative to the configuration file",
      cause: error,
    });
  }
}
