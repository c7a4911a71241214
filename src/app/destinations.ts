/** Builds destinations from their settings: network, files and terminal at hand. */
import { resolve } from "node:path";
import { openHttp } from "../destinations/common.ts";
import type { Destination, Rate } from "../destinations/destination.ts";
import type { Http } from "../net/http.ts";
import type { Configuration, ConfiguredDestination } from "./configuration.ts";

export interface BuiltDestination {
  readonly name: string;
  readonly kind: string;
  readonly destination: Destination;
  readonly concurrency: number;
  readonly rate: Rate | null;
  /** Milliseconds. */
  readonly giveUpAfter: number;
}

export interface DestinationParts {
  readonly egress: Configuration["egress"];
  /** What relative paths of the configuration are relative to. */
  readonly directory: string;
  /** Writes one line to the terminal. */
  print(line: string): void;
  now(): number;
}

/** Builds one destination. Opens no connection yet; reads its certificates. */
export async function buildDestination(
  configured: ConfiguredDestination,
  { egress, directory, print, now }: DestinationParts,
): Promise<BuiltDestination> {
  const { name, kind, definition, common, config } = configured;
  const concurrency = common.concurrency ?? definition.defaults.concurrency;
  const resolvePath = (path: string) => resolve(directory, path);
  const component = `destination ${name}`;
  const http = await openHttp(common, { component, egress, connections: concurrency, resolvePath });
  const destination = definition.create(config, { name, http, resolvePath, print, now });
  return {
    name,
    kind,
    destination: withHttp(destination, http),
    concurrency,
    rate: common.rate ?? definition.defaults.rate ?? null,
    giveUpAfter: common.give_up_after,
  };
}

/** A destination whose client is closed with it. */
export function withHttp(destination: Destination, http: Http): Destination {
  return {
    render: (message) => destination.render(message),
    send: (rendered, message, context) => destination.send(rendered, message, context),
    async close() {
      await destination.close();
      await http.close();
    },
  };
}
