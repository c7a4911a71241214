/** The alerts of one case of Tocsin in one case of IRIS. */
import type { CaseBrief, Verdict } from "../destination.ts";
import { clip, oneLine } from "../text.ts";
import type { IrisAlert, IrisClient } from "./client.ts";

/** IRIS's own limit for the name of a case is 200 characters, its prefix included. */
const MAX_TITLE = 150;

/** Nothing of the alert is copied but the link to it: it stays in one place. */
const IMPORT_NOTHING = { iocs_import_list: [], assets_import_list: [], import_as_event: true };

/**
 * Merges the alert into the case in which another alert of its customer with the case's tag is, or makes a
 * case of it where there is none. Answers a verdict only when that failed.
 */
export async function joinCase(
  client: IrisClient,
  alert: IrisAlert,
  { id, title }: CaseBrief,
): Promise<Verdict | undefined> {
  if (alert.cases.length > 0) return undefined;
  const others = await client.filter({ alert_tags: id });
  if (!others.ok) return others.verdict;
  const target = others.value.find((other) => isMate(other, alert, id))?.cases[0];
  const note = `Of ${id} in Tocsin`;
  const done =
    target === undefined
      ? await client.escalate(alert.alert_id, {
          ...IMPORT_NOTHING,
          note,
          case_title: `${id} ${clip(oneLine(title).replace(/[<>&]/g, " "), MAX_TITLE)}`,
          case_tags: id,
        })
      : await client.merge(alert.alert_id, { ...IMPORT_NOTHING, note, target_case_id: target });
  return done.ok ? undefined : done.verdict;
}

/** IRIS finds what has the tag as a part of its tags, and of every customer that the account may see. */
function isMate(other: IrisAlert, alert: IrisAlert, tag: string): boolean {
  const isOfCustomer = other.alert_customer_id === alert.alert_customer_id;
  return other.cases.length > 0 && isOfCustomer && hasTag(other, tag);
}

/** Whether the alert has this very tag. */
export function hasTag({ alert_tags }: IrisAlert, tag: string): boolean {
  return alert_tags?.split(",").some((each) => each.trim() === tag) ?? false;
}
