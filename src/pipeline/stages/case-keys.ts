/** What alerts of one case have in common, as a policy sees it. */
import type { Alert } from "../../alert/schema.ts";
import { clip, toLine } from "../../alert/text.ts";
import { recordOf, type KqlRecord } from "../../kql/index.ts";
import type { CasePolicy, PipelineConfiguration } from "../policies.ts";
import { cellKey } from "../state.ts";
import { joinedKey, valuesOf } from "../values.ts";

/** An alert links by at most so many artifacts; one with more is a list of indicators. */
const MAX_LINKS = 50;

/** Longest text that people see of a key. */
const MAX_TEXT = 200;

/** One key: for its cell, and for people. */
export interface CaseKey {
  readonly cell: string;
  readonly text: string;
}

/**
 * The keys of an alert by a policy: one of all `group_by` values together, or one for each artifact
 * that `share` names and that is no stop-value, at most 50. Empty when it has none of these.
 */
export function caseKeys(
  policy: CasePolicy,
  alert: Alert,
  record: KqlRecord,
  { isStopValue }: Pick<PipelineConfiguration, "isStopValue">,
): CaseKey[] {
  if (policy.share.length === 0) return keyOf(policy, record, policy.group_by);
  const keys = new Map<string, CaseKey>();
  for (const { type, value } of alert.artifacts) {
    if (keys.size >= MAX_LINKS) break;
    if (!policy.share.includes(type) || isStopValue(type, value)) continue;
    const [key] = keyOf(policy, recordOf({ type, value }), ["type", "value"]);
    if (key) keys.set(key.cell, { ...key, text: value });
  }
  return [...keys.values()];
}

function keyOf(policy: CasePolicy, record: KqlRecord, fields: readonly string[]): CaseKey[] {
  const key = joinedKey(record, fields);
  if (key === null) return [];
  const text = fields.flatMap((field) => valuesOf(record, field)).join(", ");
  return [{ cell: cellKey(policy.name, key), text }];
}

/** Several keys as one line of at most 200 characters, for titles and traces. */
export function textOfKeys(keys: readonly CaseKey[]): string {
  return clip(toLine(keys.map(({ text }) => clip(text, MAX_TEXT)).join(", ")), MAX_TEXT);
}
