/**
 * MITRE ATT&CK in an alert: one entry per leaf, so a technique with two sub-techniques gives two.
 * Ids and names come from the alert; only tactics, which are few and stable, are looked up.
 */
import type { Attack } from "./schema.ts";

type Part = NonNullable<Attack["tactic"]>;

/** Enterprise tactics (https://attack.mitre.org/tactics/enterprise/). */
const TACTICS: Readonly<Record<string, string>> = {
  TA0043: "Reconnaissance",
  TA0042: "Resource Development",
  TA0001: "Initial Access",
  TA0002: "Execution",
  TA0003: "Persistence",
  TA0004: "Privilege Escalation",
  TA0005: "Defense Evasion",
  TA0006: "Credential Access",
  TA0007: "Discovery",
  TA0008: "Lateral Movement",
  TA0009: "Collection",
  TA0011: "Command and Control",
  TA0010: "Exfiltration",
  TA0040: "Impact",
};
const TACTIC_IDS = new Map(Object.entries(TACTICS).map(([id, name]) => [plain(name), id]));

const ID = /(?<![A-Za-z0-9])(?:TA\d{4}|T\d{4}(?:\.\d{3})?)(?![A-Za-z0-9])/gi;
const MAX_ENTRIES = 200;
/** Tags are short; what is longer is prose, of which the beginning does. */
const MAX_TEXT = 2000;

/**
 * Reads the `threat` of a rule: `[{tactic:{id,name}, technique:[{id,name,subtechnique:[…]}]}]`, one
 * such object, or its pivoted form where every leaf is an array (`{tactic:{id:[…]},
 * technique:{id:[…]}}`, what Elasticsearch's `fields` and ECS give). Technique may be missing.
 * With several pivoted tactics nothing says which technique belongs to which, so none is claimed.
 */
export function readThreat(value: unknown): Attack[] {
  return mergeAttack(listOf(value).flatMap(readEntry));
}

function readEntry(value: unknown): Attack[] {
  if (!isRecord(value)) return [];
  const tactics = readParts(value["tactic"]).map(nameTactic);
  const techniques = readTechniques(value["technique"]);
  if (techniques.length === 0)
    return tactics.map((tactic) => ({ tactic, technique: null, subtechnique: null }));
  if (tactics.length <= 1)
    return techniques.map((leaf) => ({ ...leaf, tactic: tactics[0] ?? null }));
  return [
    ...tactics.map((tactic) => ({ tactic, technique: null, subtechnique: null })),
    ...techniques,
  ];
}

function readTechniques(value: unknown): Attack[] {
  return listOf(value).flatMap((item) => {
    if (!isRecord(item)) return readAttackIds(item);
    const techniques = readParts(item);
    const subs = readParts(item["subtechnique"]);
    const isOwn = (sub: Part, technique: Part): boolean =>
      techniques.length === 1 || sub.id.startsWith(`${technique.id}.`);
    const unowned = subs.filter((sub) => !techniques.some((technique) => isOwn(sub, technique)));
    const owned = techniques.flatMap((technique) =>
      leavesOf(
        technique,
        subs.filter((sub) => isOwn(sub, technique)),
      ),
    );
    return [...owned, ...unowned.map(orphan)];
  });
}

function leavesOf(technique: Part, subs: readonly Part[]): Attack[] {
  // ECS lists sub-techniques as techniques, too.
  if (technique.id.includes(".")) return [orphan(technique)];
  if (subs.length === 0) return [{ tactic: null, technique, subtechnique: null }];
  return subs.map((subtechnique) => ({ tactic: null, technique, subtechnique }));
}

/**
 * Finds ATT&CK ids (`T1110`, `T1110.001`, `TA0006`, in any case) and Sigma-style tactic tags
 * (`attack.credential_access`) in a text or in arrays of texts, in order of appearance.
 */
export function readAttackIds(values: unknown): Attack[] {
  const found: Attack[] = [];
  for (const value of listOf(values)) {
    if (typeof value === "string") found.push(...readText(value));
    else if (Array.isArray(value)) found.push(...readAttackIds(value));
  }
  return mergeAttack(found);
}

function readText(text: string): Attack[] {
  const ids = text.slice(0, MAX_TEXT).match(ID) ?? [];
  if (ids.length > 0) return ids.map((id) => readId(id.toUpperCase()));
  const tactic = /^attack\.([a-z_-]+)$/i.exec(text.slice(0, MAX_TEXT).trim())?.[1];
  const id = tactic === undefined ? undefined : TACTIC_IDS.get(plain(tactic));
  return id === undefined ? [] : [readId(id)];
}

function readId(id: string): Attack {
  const none: Attack = { tactic: null, technique: null, subtechnique: null };
  if (id.startsWith("TA")) return { ...none, tactic: nameTactic({ id, name: null }) };
  if (id.includes(".")) return orphan({ id, name: null });
  return { ...none, technique: { id, name: null } };
}

/**
 * All entries of the lists, in order, each once, without those that another one says more fully:
 * the bare technique of a tag goes when the rule's threat gives it with its tactic. A name known
 * for an id anywhere in the lists is used everywhere. At most 200 entries.
 */
export function mergeAttack(...lists: readonly (readonly Attack[])[]): Attack[] {
  const entries = lists.flat().slice(0, MAX_ENTRIES);
  if (entries.length <= 1) return entries;
  const names = new Map<string, string>();
  for (const part of entries.flatMap(partsOf)) {
    if (part.name !== null && !names.has(part.id)) names.set(part.id, part.name);
  }
  return entries
    .filter((entry, index) => !isRedundant(entry, index, entries))
    .map((entry) => ({
      tactic: withName(entry.tactic, names),
      technique: withName(entry.technique, names),
      subtechnique: withName(entry.subtechnique, names),
    }));
}

function isRedundant(entry: Attack, index: number, entries: readonly Attack[]): boolean {
  return entries.some(
    (other, place) =>
      place !== index && covers(other, entry) && (place < index || !covers(entry, other)),
  );
}

/** Whether everything `small` says is said by `big`. */
function covers(big: Attack, small: Attack): boolean {
  return (
    (small.tactic === null || small.tactic.id === big.tactic?.id) &&
    (small.technique === null || small.technique.id === big.technique?.id) &&
    (small.subtechnique === null || small.subtechnique.id === big.subtechnique?.id)
  );
}

function partsOf({ tactic, technique, subtechnique }: Attack): Part[] {
  return [tactic, technique, subtechnique].filter((part) => part !== null);
}

function withName(part: Part | null, names: ReadonlyMap<string, string>): Part | null {
  return part === null ? null : { id: part.id, name: part.name ?? names.get(part.id) ?? null };
}

/** `{id, name}` with scalars or parallel arrays; an entry without an id is dropped. */
function readParts(value: unknown): Part[] {
  return listOf(value).flatMap((item) => {
    if (!isRecord(item)) return [];
    const ids = listOf(item["id"]);
    const names = listOf(item["name"]);
    return ids.flatMap((id, index) => {
      if (typeof id !== "string" || id.trim() === "") return [];
      const name = names.length === ids.length ? names[index] : undefined;
      return [{ id: id.trim(), name: typeof name === "string" && name !== "" ? name : null }];
    });
  });
}

function nameTactic(part: Part): Part {
  return part.name === null ? { id: part.id, name: TACTICS[part.id] ?? null } : part;
}

/** A sub-technique carries its technique in its id. */
function orphan(subtechnique: Part): Attack {
  const technique = { id: subtechnique.id.split(".")[0] ?? subtechnique.id, name: null };
  return { tactic: null, technique, subtechnique };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]+/g, "");
}

function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
