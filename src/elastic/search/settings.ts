/** How a cluster of Elasticsearch or OpenSearch is reached, and the HTTP client that follows from it. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { baseUrl, proxyUrl } from "../../config/url.ts";
import { duration, secret } from "../../config/values.ts";
import { fail, messageOf } from "../../errors.ts";
import { createHttp } from "../../net/client.ts";
import type { EgressPolicy } from "../../net/egress.ts";
import type { Http } from "../../net/http.ts";

/** A page of documents may be long; one that is longer still is asked for in smaller pages. */
const LONGEST_ANSWER = 64 * 1024 * 1024;

// What else stands in a header would break it, or is a line break at the end of a file.
const token = secret().refine((value) => /^[\x21-\x7e]+$/.test(value.reveal()), {
  message: "a key has no spaces or line breaks — look at the end of the secret's file",
});

const settings = z.strictObject({
  url: baseUrl().describe("Of one node or of what stands before the cluster; a path is kept."),
  api_key: token.optional().describe("An API key, as encoded by the cluster or as id:key."),
  username: z
    .string()
    .regex(/^[^:]+$/, "a user name has no colon")
    .optional()
    .describe("With the password, for basic authentication."),
  password: secret().optional().describe("Of the user."),
  bearer: token.optional().describe("A token for the header Authorization: Bearer."),
  ca: z.string().optional().describe("File with the certificates to trust, PEM."),
  verify: z.boolean().default(true).describe("false accepts any certificate."),
  proxy: proxyUrl().optional().describe("HTTP proxy to reach the cluster through."),
  timeout: duration("30s").describe("For one page, from resolving the name to the last byte."),
});

/** The settings of one entry of `clusters`. */
export const clusterSettings = settings.check(({ value, issues }) => {
  const add = (path: string, message: string) =>
    issues.push({ code: "custom", input: value, path: [path], message });
  const { api_key, username, password, bearer } = value;
  if (!username !== !password) add("username", "username and password go together");
  if ([api_key, username, bearer].filter(Boolean).length > 1)
    add("url", "give at most one of api_key, username with password, and bearer");
});
export type ClusterSettings = z.infer<typeof settings>;

export interface OpenClusterHttpOptions {
  /** As in the configuration. */
  readonly name: string;
  readonly egress: EgressPolicy;
  resolvePath(path: string): string;
}

/**
 * The HTTP client for a cluster, its certificates read. Opens no connection yet; close it to let
 * its connections go. Throws CONFIG_INVALID when the certificates cannot be read.
 */
export async function openClusterHttp(
  { ca, verify, proxy, timeout }: ClusterSettings,
  { name, egress, resolvePath }: OpenClusterHttpOptions,
): Promise<Http> {
  const component = `cluster ${name}`;
  const pem = ca === undefined ? undefined : await readPem(resolvePath(ca), component);
  return createHttp({
    component,
    egress,
    connections: 1,
    timeout,
    longestAnswer: LONGEST_ANSWER,
    tls: { ca: pem, verify },
    proxy,
  });
}

async function readPem(path: string, component: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fail("CONFIG_INVALID", {
      component,
      message: `ca: ${messageOf(error)}`,
      hint: "paths are relative to the configuration file",
      cause: error,
    });
  }
}
