/** The settings every destination has, and the ways to a peer that they describe. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { proxyUrl } from "../config/url.ts";
import { duration } from "../config/values.ts";
import { fail, messageOf } from "../errors.ts";
import { createHttp, type HttpOptions } from "../net/client.ts";
import type { EgressPolicy } from "../net/egress.ts";
import type { Http } from "../net/http.ts";
import { openSockets } from "../net/socket-client.ts";
import type { Sockets } from "../net/sockets.ts";

/** A raw shape: the settings that every destination takes beside those of its kind. */
export const destinationCommon = {
  kind: z.string(),
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe("Messages in flight at once; the default depends on the kind."),
  rate: z
    .strictObject({ max: z.number().int().min(1), per: duration() })
    .optional()
    .describe("At most this many messages in this time."),
  timeout: duration("15s").describe("For one attempt, from resolving the name to the last byte."),
  give_up_after: duration("3d").describe("After this long without success it is dead-lettered."),
  status_updates: z
    .boolean()
    .optional()
    .describe(
      "Tell it when somebody acknowledges, closes or reopens an alert that it was told of; the default depends on the kind.",
    ),
  thread_by: z
    .array(z.string())
    .optional()
    .describe("Alert fields whose values say which messages belong together, in order."),
  tls: z
    .strictObject({
      ca: z.string().optional().describe("File with the certificates to trust, PEM."),
      cert: z.string().optional().describe("File with the client certificate, PEM."),
      key: z.string().optional().describe("File with the key of the client certificate, PEM."),
      verify: z.boolean().default(true).describe("false accepts any certificate."),
    })
    .optional(),
  proxy: proxyUrl().optional().describe("HTTP proxy to reach the peer through."),
};

/** What all destinations' parsed configurations have. */
export type DestinationCommon = z.infer<z.ZodObject<typeof destinationCommon>>;

export interface OpenNetworkOptions {
  /** `destination soc-slack`. */
  readonly component: string;
  readonly egress: EgressPolicy;
  /** Connections per origin; the destination's concurrency. */
  readonly connections: number;
  resolvePath(path: string): string;
}

/** The two ways to a peer. */
export interface Network {
  readonly http: Http;
  readonly sockets: Sockets;
}

/**
 * The ways to a peer for a destination's configuration, its TLS files read. Throws CONFIG_INVALID
 * naming the setting when one cannot be read.
 */
export async function openNetwork(
  config: DestinationCommon,
  options: OpenNetworkOptions,
): Promise<Network> {
  const { component, egress, connections } = options;
  const tls = await readTls(config.tls, options);
  const http = createHttp({
    component,
    egress,
    connections,
    timeout: config.timeout,
    tls,
    proxy: config.proxy,
  });
  return { http, sockets: openSockets({ component, egress, timeout: config.timeout, tls }) };
}

async function readTls(
  tls: DestinationCommon["tls"],
  options: OpenNetworkOptions,
): Promise<HttpOptions["tls"]> {
  if (!tls) return undefined;
  const read = async (setting: "ca" | "cert" | "key") => {
    const path = tls[setting];
    return path === undefined ? undefined : await readPem(`tls.${setting}`, path, options);
  };
  return {
    ca: await read("ca"),
    cert: await read("cert"),
    key: await read("key"),
    verify: tls.verify,
  };
}

async function readPem(
  setting: string,
  path: string,
  options: OpenNetworkOptions,
): Promise<Buffer> {
  try {
    return await readFile(options.resolvePath(path));
  } catch (error) {
    throw fail("CONFIG_INVALID", {
      component: options.component,
      message: `${setting}: ${messageOf(error)}`,
      hint: "paths are relative to the configuration file",
      cause: error,
    });
  }
}
