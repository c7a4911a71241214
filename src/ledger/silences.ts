/** Lists silences with what each of them hid, and shows one. */
import { z } from "zod";
import { compileSilence } from "../silence/compile.ts";
import { isOver } from "../silence/operations.ts";
import { silenceSchema, type Silence, type Window } from "../silence/silence.ts";
import { findSilence, listSilences as listStored } from "../store/sqlite/silences.ts";
import type { LedgerFiles } from "./files.ts";
import { notFound } from "./names.ts";
import { listSchema, type List, type Page } from "./page.ts";
import { scan } from "./scan.ts";
import { hiddenAlertSchema, listHidden, readDebt, silenceDebtSchema } from "./silence-debt.ts";
import { timeSchema, toTime } from "./time.ts";

/** Holding back now; between its windows or before the first; over. */
export const SILENCE_STATES = ["active", "scheduled", "ended"] as const;
export const SILENCE_FILTERS = [...SILENCE_STATES, "all"] as const;

const MAX_HIDDEN = 100;

export const listedSilenceSchema = silenceSchema
  .extend({
    state: z.enum(SILENCE_STATES),
    window: z
      .object({
        from: timeSchema.nullable().describe("Null for always."),
        until: timeSchema.nullable().describe("Null for never."),
      })
      .nullable()
      .describe("The window that lasts now; null unless active."),
    debt: silenceDebtSchema.describe("What it hid, of what retention has left."),
  })
  .meta({ id: "Silence" });
export type ListedSilence = z.infer<typeof listedSilenceSchema>;
export const silenceListSchema = listSchema("SilenceList", listedSilenceSchema);

export const silenceDetailSchema = listedSilenceSchema
  .extend({
    hidden: z
      .object({ total: z.number().int().min(0), items: z.array(hiddenAlertSchema) })
      .describe(`The newest ${MAX_HIDDEN} alerts that it held back.`),
  })
  .meta({ id: "SilenceDetail" });
export type SilenceDetail = z.infer<typeof silenceDetailSchema>;

/** Which silences are wanted. */
export interface SilenceQuery extends Page {
  /** `all` by default. */
  readonly state?: (typeof SILENCE_FILTERS)[number] | undefined;
}

const WINDOW = 200;
const BOUND = 50_000;

/** A page of silences, those that were made last first. Throws REQUEST_INVALID. */
export async function listSilences(
  files: LedgerFiles,
  query: SilenceQuery,
  now: number,
): Promise<List<ListedSilence>> {
  // A silence keeps its place in the order in which they were made, until retention takes older ones.
  const all = listStored(files.store).toSorted(byMaking);
  const { items, next } = await scan<number, Silence>({
    list: "silences",
    page: query,
    range: all.length === 0 ? null : { low: 1, high: all.length },
    window: WINDOW,
    bound: BOUND,
    read: (low, high) => Array.from({ length: high - low + 1 }, (_, index) => low + index),
    keyOf: (place) => place,
    pick: (place) => pickSilence(all[place - 1], query, now),
  });
  const listed: ListedSilence[] = [];
  for (const silence of items) listed.push(await toListed(files, silence, now));
  return { items: listed, next };
}

/** A silence by its id, with what it hid. Throws NOT_FOUND. */
export async function getSilence(
  files: LedgerFiles,
  name: string,
  now: number,
): Promise<SilenceDetail> {
  const silence =
    findSilence(files.store, name) ?? findSilence(files.store, name.trim().toUpperCase());
  if (!silence) throw notFound(`silence ${name}`, "tocsin silence list shows them.");
  const listed = await toListed(files, silence, now);
  const items = listHidden(files, silence.id, MAX_HIDDEN);
  return { ...listed, hidden: { total: listed.debt.alerts, items } };
}

function byMaking(one: Silence, other: Silence): number {
  const byTime = one.created_at.localeCompare(other.created_at);
  return byTime || one.id.localeCompare(other.id, "en", { numeric: true });
}

function pickSilence(
  silence: Silence | undefined,
  { state = "all" }: SilenceQuery,
  now: number,
): Silence | undefined {
  if (!silence || state === "all") return silence;
  return standOf(silence, now).state === state ? silence : undefined;
}

async function toListed(files: LedgerFiles, silence: Silence, now: number): Promise<ListedSilence> {
  return { ...silence, ...standOf(silence, now), debt: await readDebt(files, silence.id) };
}

function standOf(silence: Silence, now: number): Pick<ListedSilence, "state" | "window"> {
  if (isOver(silence, now)) return { state: "ended", window: null };
  const window = compileSilence(silence).windowAt(now);
  if (!window) return { state: "scheduled", window: null };
  return { state: "active", window: toWindow(window) };
}

function toWindow({ from, until }: Window): ListedSilence["window"] {
  return { from: timeOrNull(from), until: timeOrNull(until) };
}

function timeOrNull(time: number): string | null {
  return Number.isFinite(time) ? toTime(time) : null;
}
