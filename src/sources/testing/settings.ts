import type { SourceDefinition } from "../source.ts";

/** The settings without which a kind cannot be configured; all others have defaults. */
export function neededSettings({ open }: Pick<SourceDefinition, "open">): object {
  return open ? { cluster: "lab" } : {};
}
