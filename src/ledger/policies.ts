/** Lists the policies and routes that decide: those made by hand and those of the file. */
import { z } from "zod";
import { POLICY_KINDS, type PolicyKind, type StoredPolicy } from "../store/policy.ts";
import { getMeta } from "../store/sqlite/meta.ts";
import { listPolicies as listStored } from "../store/sqlite/policies.ts";
import type { LedgerFiles } from "./files.ts";
import { notFound } from "./names.ts";
import { listSchema } from "./page.ts";
import { timeSchema, toTime } from "./time.ts";

/** Under this name the program keeps the configuration that ran last, as JSON. */
const APPLIED = "configuration";

/** Where an object of the configuration is written. */
export const ORIGINS = ["file", "store"] as const;
export const originSchema = z
  .enum(ORIGINS)
  .describe("`store`: made by hand, can be changed; `file`: changed in the configuration alone.");

export const policySchema = z
  .object({
    kind: z.enum(POLICY_KINDS),
    name: z.string(),
    origin: originSchema,
    settings: z
      .record(z.string(), z.unknown())
      .describe("As written in the configuration, without the name."),
    author: z.string().nullable().describe("Who made it so; null for the file's."),
    created_at: timeSchema.nullable(),
    updated_at: timeSchema.nullable(),
  })
  .meta({ id: "Policy" });
export type Policy = z.infer<typeof policySchema>;
export const policyListSchema = listSchema("PolicyList", policySchema);

const listOf = z
  .array(z.looseObject({ name: z.string() }))
  .default([])
  .catch([]);
const appliedSchema = z.object(
  Object.fromEntries(POLICY_KINDS.map((kind) => [kind, listOf])) as Record<
    PolicyKind,
    typeof listOf
  >,
);

/**
 * All of them, kind by kind, in the order in which they are asked. Those of the file are of the
 * configuration that ran last.
 */
export function listPolicies({ store }: Pick<LedgerFiles, "store">): Policy[] {
  const stored = listStored(store);
  const file = appliedSchema.parse(JSON.parse(getMeta(store, APPLIED) ?? "{}"));
  return POLICY_KINDS.flatMap((kind) => [
    ...stored.filter((policy) => policy.kind === kind).map(toPolicy),
    ...file[kind].map(({ name, ...settings }) => ofFile(kind, name, settings)),
  ]);
}

/** One of them. Throws NOT_FOUND. */
export function getPolicy(files: LedgerFiles, kind: PolicyKind, name: string): Policy {
  const found = listPolicies(files).find((one) => one.kind === kind && one.name === name);
  if (found) return found;
  throw notFound(`${kind} ${name}`, "tocsin policy list shows them.");
}

/** A policy that was made by hand, as it is shown. */
export function toPolicy({ created_at, updated_at, ...policy }: StoredPolicy): Policy {
  return {
    ...policy,
    origin: "store",
    settings: { ...policy.settings },
    created_at: toTime(created_at),
    updated_at: toTime(updated_at),
  };
}

function ofFile(kind: PolicyKind, name: string, settings: Policy["settings"]): Policy {
  const nobody = { author: null, created_at: null, updated_at: null };
  return { kind, name, origin: "file", settings, ...nobody };
}
