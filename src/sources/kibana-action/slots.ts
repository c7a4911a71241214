/**
 * Finding the documents in the body of a Kibana action. Administrators write the body as a Mustache
 * template, so the same list arrives under several names and as an array, an object, a JSON text or
 * objects one after the other. A *slot* is a place where documents may stand.
 */
import { hitsOf } from "../../elastic/hits.ts";
import { reparse } from "../../receipt/reparse.ts";
import { isObject, rejectItem } from "../read.ts";
import type { JsonObject, JsonValue, RejectedItem } from "../source.ts";

/** What the slots of a body hold, and the body without them. */
export interface Documents {
  readonly items: readonly JsonObject[];
  readonly rejected: readonly RejectedItem[];
  readonly repaired: readonly string[];
  /** Whether there was a slot at all, were it empty. */
  readonly found: boolean;
  readonly envelope: JsonObject;
}

interface Slot {
  readonly value: JsonValue;
  /** The body with the slot taken out. */
  readonly envelope: JsonObject;
}

/** Reads the first slot that holds something; when all are empty, says that there was one. */
export function readDocuments(body: JsonObject): Documents {
  const slots = findSlots(body);
  for (const { value, envelope } of slots) {
    const read = readSlot(value);
    if (read.items.length + read.rejected.length > 0) return { ...read, envelope, found: true };
  }
  return { items: [], rejected: [], repaired: [], found: slots.length > 0, envelope: body };
}

function findSlots(body: JsonObject): Slot[] {
  const { context, alerts } = body;
  const slots: Slot[] = [];
  const inner = isObject(context) ? context : {};
  for (const name of ["hits", "alerts"]) {
    if (isSlot(inner[name]))
      slots.push({ value: inner[name], envelope: { ...body, context: without(inner, name) } });
  }
  if (isObject(alerts) && isSummary(alerts)) slots.push(...summarySlots(body, alerts));
  else if (isSlot(alerts)) slots.push({ value: alerts, envelope: without(body, "alerts") });
  if (isSlot(body["hits"])) slots.push({ value: body["hits"], envelope: without(body, "hits") });
  // `hit` and `data` are everyday words: they count only when they hold what a slot holds.
  if (isObject(body["hit"])) slots.push({ value: body["hit"], envelope: without(body, "hit") });
  if (holdsList(body["data"])) slots.push({ value: body["data"], envelope: without(body, "data") });
  return slots;
}

/** A container, the JSON text of one, or the blank that an undefined variable renders to. */
function isSlot(value: JsonValue | undefined): value is JsonValue {
  if (value === undefined) return false;
  if (typeof value === "string") return /^\s*(?:[[{]|$)/.test(value);
  return typeof value === "object";
}

function holdsList(value: JsonValue | undefined): value is JsonValue {
  return Array.isArray(value) || (typeof value === "string" && /^\s*[[{]/.test(value));
}

/** `alerts.{new,ongoing,recovered,all}.{count,data}` of an action that sums up a rule's run. */
function isSummary(alerts: JsonObject): boolean {
  return ["new", "ongoing", "all", "recovered"].some((name) => isObject(alerts[name]));
}

/** New and ongoing alerts are told; recovered ones are not alerts any more. */
function summarySlots(body: JsonObject, alerts: JsonObject): Slot[] {
  const parts =
    isObject(alerts["new"]) || isObject(alerts["ongoing"]) ? ["new", "ongoing"] : ["all"];
  const lists = parts.flatMap((name) => {
    const part = alerts[name];
    return isObject(part) && isSlot(part["data"]) ? [part["data"]] : [];
  });
  return lists.length === 0 ? [] : [{ value: lists, envelope: without(body, "alerts") }];
}

function readSlot(value: JsonValue): Omit<Documents, "found" | "envelope"> {
  const { items, repaired, rejected } = reparse(value);
  const parts = items.flatMap(fanOut);
  const scalars = parts.filter((part) => !isObject(part));
  const refused = scalars.map((part) => rejectItem("not_an_object", "not a JSON object", part));
  return { items: parts.filter(isObject), repaired, rejected: [...rejected, ...refused] };
}

/** The elements of arrays and of search responses, blanks and nulls left out. */
function fanOut(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value.flatMap(fanOut);
  if (value === null || (typeof value === "string" && value.trim() === "")) return [];
  const hits = isObject(value) ? hitsOf(value) : null;
  return hits === null ? [value] : [...(hits as readonly JsonValue[])];
}

function without(object: JsonObject, name: string): JsonObject {
  const { [name]: _left, ...rest } = object;
  return rest;
}
