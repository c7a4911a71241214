/**
 * Policies and routes that were made by hand. `policies_version` is raised by every change of them,
 * so that a running server sees that it has to read them again.
 */
import type { Database } from "../../sqlite/database.ts";
import type { PolicyKind, PolicySettings, StoredPolicy } from "../policy.ts";
import { insertAction } from "./actions.ts";
import { changeState } from "./change-state.ts";
import { countUp, getMeta } from "./meta.ts";

const VERSION = "policies_version";

type Row = Omit<StoredPolicy, "settings"> & { readonly document: string };

/** The version that the policies have now. */
export function readPoliciesVersion(database: Database): number {
  return Number(getMeta(database, VERSION) ?? "0");
}

/** All policies; those of a kind in the order in which they are asked. */
export function listPolicies(database: Database): StoredPolicy[] {
  const rows = database.all<Row>(
    `SELECT kind, name, document, author, created_at, updated_at FROM policies
     ORDER BY kind, position, name`,
  );
  return rows.map(({ document, ...row }) => {
    return { ...row, settings: JSON.parse(document) as PolicySettings };
  });
}

/** A new policy, or other settings of one that there is, as somebody wrote them. */
export interface PolicyWrite {
  readonly kind: PolicyKind;
  readonly name: string;
  readonly settings: PolicySettings;
}

/**
 * Stores a policy: a new one behind the others of its kind, a known one where it stood. Its settings
 * must have been validated: no configuration can be read with one that does not fit.
 */
export function savePolicy(
  database: Database,
  { kind, name, settings }: PolicyWrite,
  who: string,
  now: number,
): void {
  changeState(database, () => {
    const isKnown = hasPolicy(database, kind, name);
    database.run(
      `INSERT INTO policies (kind, name, document, position, author, created_at, updated_at)
       VALUES (?1, ?2, ?3, (SELECT coalesce(max(position), 0) + 1 FROM policies WHERE kind = ?1),
         ?4, ?5, ?5)
       ON CONFLICT (kind, name) DO UPDATE SET document = excluded.document,
         author = excluded.author, updated_at = excluded.updated_at`,
      kind,
      name,
      JSON.stringify(settings),
      who,
      now,
    );
    countUp(database, VERSION);
    const action = isKnown ? "policy.changed" : "policy.added";
    note(database, action, { kind, name, settings }, who, now);
  });
}

/** Removes a policy; false, and nothing is written down, when there is none of that name. */
export function removePolicy(
  database: Database,
  kind: PolicyKind,
  name: string,
  who: string,
  now: number,
): boolean {
  return changeState(database, () => {
    const found = database.run("DELETE FROM policies WHERE kind = ? AND name = ?", kind, name);
    if (found.changes === 0) return false;
    countUp(database, VERSION);
    note(database, "policy.removed", { kind, name }, who, now);
    return true;
  });
}

function hasPolicy(database: Database, kind: PolicyKind, name: string): boolean {
  const sql = "SELECT 1 FROM policies WHERE kind = ? AND name = ?";
  return database.get(sql, kind, name) !== undefined;
}

function note(
  database: Database,
  kind: string,
  policy: Partial<PolicyWrite>,
  who: string,
  now: number,
): void {
  const target = `${policy.kind}/${policy.name}`;
  insertAction(database, { at: now, who, kind, target, detail: { policy } });
}
