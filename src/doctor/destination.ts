/** Looks whether the peer of a destination has what the destination needs. */
import type { Configuration, ConfiguredDestination } from "../app/configuration.ts";
import { buildDestination, type BuiltDestination } from "../app/destinations.ts";
import { TocsinError } from "../errors.ts";

type Inspect = NonNullable<BuiltDestination["destination"]["inspect"]>;
type Findings = Awaited<ReturnType<Inspect>>;

export interface InspectOptions {
  /** Put there what is missing. */
  readonly install: boolean;
  now(): number;
}

/**
 * The findings; null where the kind needs nothing of its peer. A peer that cannot be reached, or does not
 * let itself be looked at, is a finding too. Throws CONFIG_INVALID and TEMPLATE_INVALID.
 */
export async function inspectDestination(
  configured: ConfiguredDestination,
  { egress, clusters, directory }: Configuration,
  { install, now }: InspectOptions,
): Promise<Findings | null> {
  const parts = { egress, clusters, directory, print: () => {}, now };
  const { destination } = await buildDestination(configured, parts);
  try {
    return (await destination.inspect?.({ install })) ?? null;
  } catch (error) {
    if (!(error instanceof TocsinError) || error.code === "INTERNAL") throw error;
    const { message, hint } = error;
    return [{ subject: `destination ${configured.name}`, state: "wrong", detail: message, hint }];
  } finally {
    await destination.close();
  }
}
