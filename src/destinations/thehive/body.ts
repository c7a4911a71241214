/** The JSON of an alert, in the form of a version and within what it takes. */
import { clip, formatCount } from "../text.ts";
import { type Dialect, PAP } from "./dialect.ts";
import { type LeftOut, NOTHING_LEFT_OUT } from "./left-out.ts";
import { type CustomField, type HiveAlert, LIMITS, type Observable, STATUS_TAGS } from "./model.ts";
import { unique } from "./observables.ts";

/**
 * Longest body in bytes. 4: `play.http.parser.maxMemoryBuffer` of its `reference-overrides.conf`, 256 kB. 5: the
 * same setting, 10 MB. https://docs.strangebee.com/thehive/configuration/update-service-configuration/
 */
export const MAX_BODY = { 4: 256_000, 5: 10_000_000 } as const;
/** After a 413: a proxy in front often takes 1 MB, and somebody may have set less. */
const SMALL_BODY = { 4: 64_000, 5: 256_000 } as const;

/** An observable in the form that goes out. */
type Written = Readonly<Record<string, unknown>>;

/**
 * The body that creates an alert. What is too much goes: the largest observables first, then the end of
 * the description; a tag and a note say so.
 */
export function createBody(alert: HiveAlert, dialect: Dialect, left: LeftOut): string {
  const max = (left.small ? SMALL_BODY : MAX_BODY)[dialect.version];
  const observables = writeObservables(alert, dialect, left);
  const without = (kept: readonly Written[], of = alert) =>
    JSON.stringify(write(of, dialect, left, { kept, dropped: observables.length - kept.length }));
  const whole = without(observables);
  const size = Buffer.byteLength(whole);
  if (size <= max) return whole;
  // Tags and notes about it need room of their own.
  const kept = dropLargest(observables, size - max + 1000);
  const smaller = without(kept);
  if (Buffer.byteLength(smaller) <= max) return smaller;
  return without(kept, { ...alert, description: clip(alert.description, 1000) });
}

function dropLargest(observables: readonly Written[], excess: number): Written[] {
  const sized = observables.map((observable) => {
    return { observable, size: Buffer.byteLength(JSON.stringify(observable)) + 1 };
  });
  const gone = new Set<Written>();
  let room = excess;
  for (const { observable, size } of sized.toSorted((a, b) => b.size - a.size)) {
    if (room <= 0) break;
    gone.add(observable);
    room -= size;
  }
  return observables.filter((observable) => !gone.has(observable));
}

function write(
  alert: HiveAlert,
  dialect: Dialect,
  left: LeftOut,
  { kept, dropped }: { readonly kept: readonly Written[]; readonly dropped: number },
): Written {
  const { type, source, sourceRef, externalLink, title, severity, date } = alert;
  const isOld = dialect.version === 4;
  const gone = goneFrom(alert, left, dropped);
  const fields = alert.customFields.filter(({ name }) => !left.customFields.has(name));
  const techniques = left.procedures ? [] : alert.techniques;
  return {
    type,
    source,
    sourceRef,
    externalLink,
    title,
    description: [alert.description, ...gone.map(({ note }) => `*${note}*`)].join("\n\n"),
    severity,
    date,
    // TheHive 4 takes no procedures with an alert.
    tags: tagsOf(alert, gone, isOld ? techniques : []),
    tlp: dialect.tlp[alert.tlp],
    pap: PAP[alert.pap],
    customFields: isOld ? oldFields(fields) : newFields(fields),
    [isOld ? "artifacts" : "observables"]: kept,
    ...(isOld
      ? {}
      : { procedures: techniques.map((patternId) => ({ patternId, occurDate: date })) }),
  };
}

interface Gone {
  readonly tag: string;
  readonly note: string;
}

/** What is not in the alert, in words of at most 100 characters each; `dropped` observables had no room. */
function goneFrom(alert: HiveAlert, left: LeftOut, dropped: number): Gone[] {
  const list: Gone[] = [];
  const add = (what: string, note: string) => list.push({ tag: `tocsin:left-out-${what}`, note });
  if (left.customFields.size > 0)
    add(
      "customfield",
      `Left out: ${amount(left.customFields.size, "custom field")} that TheHive refused.`,
    );
  if (left.dataTypes.size > 0)
    add("datatype", "Types of observables that TheHive does not know were replaced.");
  if (left.procedures) add("procedure", "Left out: procedures, for TheHive lacks their technique.");
  const unknown = alert.observables.filter((each) => !toKnown(each, left)).length;
  const observables = alert.tooLong + unknown + dropped;
  if (observables > 0)
    add("observable", `Left out: ${amount(observables, "observable")}, too long or too many.`);
  return list;
}

function amount(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}

function tagsOf(alert: HiveAlert, gone: readonly Gone[], techniques: readonly string[]): string[] {
  const all = [...gone.map(({ tag }) => tag), ...alert.tags, ...techniques];
  return [...new Set(all)].slice(0, LIMITS.tags);
}

/** `InputCustomFieldValue` of `dto/v0` in TheHive-Project/TheHive. */
function oldFields(fields: readonly CustomField[]): Written {
  return Object.fromEntries(
    fields.map(({ name, type, value }, order) => [name, { [type]: value, order }]),
  );
}

function newFields(fields: readonly CustomField[]): readonly Written[] {
  return fields.map(({ name, value }, order) => ({ name, value, order }));
}

function writeObservables(alert: HiveAlert, dialect: Dialect, left: LeftOut): Written[] {
  const tlp = dialect.tlp[alert.tlp];
  // TheHive 4 knows no PAP of an observable.
  const rest = dialect.version === 4 ? { tlp } : { tlp, pap: PAP[alert.pap] };
  const known = alert.observables.flatMap((observable) => toKnown(observable, left) ?? []);
  return unique(known).map((observable) => ({ ...observable, ...rest }));
}

/** The observable as a type that TheHive knows; undefined when it knows not even `other`. */
function toKnown(observable: Observable, { dataTypes }: LeftOut): Observable | undefined {
  const { dataType, tags } = observable;
  if (!dataTypes.has(dataType)) return observable;
  if (dataTypes.has("other")) return undefined;
  return { ...observable, dataType: "other", tags: [...new Set([dataType, ...tags])] };
}

/**
 * The body that changes an alert. `tags` are those that it has, where they must be sent again: TheHive 4
 * replaces them, 5 adds and takes away. What analysts tagged stays.
 */
export function updateBody(
  alert: HiveAlert,
  dialect: Dialect,
  change: { readonly tags?: readonly string[] | undefined; readonly status?: string | undefined },
): Written {
  const { title, description, severity } = alert;
  const gone = goneFrom(alert, NOTHING_LEFT_OUT, 0);
  const old = Object.values(STATUS_TAGS).filter((tag) => tag !== null && !alert.tags.includes(tag));
  const added = tagsOf(alert, gone, []);
  const body = { title, description, severity };
  if (dialect.version === 5)
    return { ...body, addTags: added, removeTags: old, status: change.status };
  if (!change.tags) return body;
  const kept = change.tags.filter((tag) => !old.includes(tag));
  return { ...body, tags: [...new Set([...kept, ...added])] };
}
