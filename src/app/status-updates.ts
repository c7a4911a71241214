/** Which destinations are told when the status of an alert changes. */
import type { Configuration, ConfiguredDestination } from "./configuration.ts";

/** The names of the destinations that hear of status: as they are set, else as their kind does. */
export function statusListeners({ destinations }: Pick<Configuration, "destinations">): string[] {
  return [...destinations.values()].filter(hearsOfStatus).map(({ name }) => name);
}

function hearsOfStatus({ definition, common, config }: ConfiguredDestination): boolean {
  // A kind that updates by default may not be able to as it is set up.
  return (
    common.status_updates ?? (definition.defaults.statusUpdates && definition.canUpdate(config))
  );
}
