/** Every kind that a configuration can name. */
import { destinations } from "../destinations/index.ts";
import type { DestinationDefinition } from "../destinations/destination.ts";
import { sources } from "../sources/index.ts";
import type { SourceDefinition } from "../sources/source.ts";
import type { Registries } from "./configuration.ts";

/** The registries, with the types of each kind's settings forgotten: only the kind knows them. */
export const registries: Registries = {
  sources: sources as readonly unknown[] as readonly SourceDefinition[],
  destinations: destinations as readonly unknown[] as readonly DestinationDefinition[],
};
