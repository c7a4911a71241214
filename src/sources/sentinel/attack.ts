import { readAttackIds, readThreat } from "../../alert/attack.ts";
import type { Attack } from "../../alert/schema.ts";
import { quote, unique } from "../read.ts";

/**
 * Tactics by their names (`InitialAccess`) and techniques by their ids. Which technique belongs to
 * which tactic is known only when there is one tactic. A tactic that is none of the enterprise matrix
 * (`PreAttack`, those for industrial systems) has no id that we know, and is flagged.
 */
export function readTactics(
  tactics: readonly string[],
  techniques: readonly string[],
  flags: string[],
): Attack[] {
  const ids = unique(tactics).flatMap((name) => {
    const id = tacticIdOf(name);
    if (id === null) flags.push(`tactics: ${quote(name)} is not known`);
    return id ?? [];
  });
  return readThreat({ tactic: { id: ids }, technique: { id: unique(techniques) } });
}

/** The id of a tactic by its name, however its words are joined; null for one that is not known. */
function tacticIdOf(name: string): string | null {
  const [found] = readAttackIds([`attack.${name.replace(/[^a-z]+/gi, "")}`]);
  return found?.tactic?.id ?? null;
}
