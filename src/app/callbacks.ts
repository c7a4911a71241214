/**
 * The destinations as the HTTP thread knows them: for reading what their peers post when somebody uses
 * the buttons of a message. They are built when the first such request comes, and send nothing but
 * answers to those people; messages go out from the worker.
 */
import type { Destination } from "../destinations/destination.ts";
import type { Callbacks } from "../server/callback.ts";
import type { Configuration, ConfiguredDestination } from "./configuration.ts";
import { buildDestination } from "./destinations.ts";

/** Close them when no request can come any more. */
export function openCallbacks(
  configuration: Configuration,
): Callbacks & { close(): Promise<void> } {
  const built = new Map<string, Promise<Destination>>();
  const buildOnce = (configured: ConfiguredDestination): Promise<Destination> => {
    const known = built.get(configured.name) ?? build(configured, configuration);
    built.set(configured.name, known);
    // What could not be read now may be there the next time.
    known.catch(() => built.delete(configured.name));
    return known;
  };
  return {
    async find(name) {
      const configured = configuration.destinations.get(name);
      if (!configured) return null;
      const destination = await buildOnce(configured);
      return destination.callback ?? null;
    },
    async close() {
      const all = await Promise.allSettled(built.values());
      const open = all.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      await Promise.all(open.map((destination) => destination.close()));
    },
  };
}

async function build(
  configured: ConfiguredDestination,
  { egress, clusters, directory }: Configuration,
): Promise<Destination> {
  const parts = { egress, clusters, directory, print: () => {}, now: Date.now };
  const { destination } = await buildDestination(configured, parts);
  return destination;
}
