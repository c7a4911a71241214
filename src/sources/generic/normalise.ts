import { ArtifactSet } from "../../alert/artifacts.ts";
import { emptyContent } from "../../alert/content.ts";
import type { AlertContent } from "../../alert/schema.ts";
import { readSeverity } from "../../alert/severity.ts";
import { messageOf } from "../../errors.ts";
import { ALERT_FIELDS, type AlertField, type FieldOptions, setField } from "../alert-fields.ts";
import { textsOf, unique } from "../read.ts";
import { joinSeverities } from "../readings.ts";
import type { NormaliseContext, Normalised, SourceEvent } from "../source.ts";
import { isUniqueId } from "./decode.ts";
import { type Expression, type Item, openItem } from "./expression.ts";
import { COMMON_SEVERITIES, GUESSES, guessArtifacts, TAGS, TITLES } from "./guesses.ts";
import type { GenericConfig } from "./index.ts";
import type { PayloadSettings } from "./settings.ts";

/** Values of one field that a guess looks at. */
const MAX_VALUES = 1000;
const MAX_TAGS = 100;

/** Where flags of one alert gather. */
type Flags = string[];

/** Reads an event into an alert. */
export function normaliseGeneric(
  event: SourceEvent,
  context: NormaliseContext<GenericConfig>,
): Normalised {
  const { name, kind, config } = context;
  const alert = emptyContent({ name, kind, vendor: "Generic", product: name, space: null });
  const untitled = `Event of ${event.stream}`;
  fillFromPayload(alert, openItem(event.document), { config, untitled });
  // The source's own name stands in for a stream where no rule is named.
  if (event.stream !== name) alert.rule.name ??= event.stream;
  alert.provenance.repaired.push(...event.repaired);
  return { alert };
}

/**
 * Fills an alert (in place) from a payload of any shape: a field that the configuration names comes
 * from there and from nowhere else (the title excepted, an alert must have one), the others from
 * common names. `untitled` is the title where nothing in the payload is one.
 */
export function fillFromPayload(
  alert: AlertContent,
  item: Item,
  { config, untitled }: { readonly config: PayloadSettings; readonly untitled: string },
): void {
  const flags: Flags = [];
  fillFields(alert, item, config, flags);
  fillTitle(alert, item, untitled, flags);
  const artifacts = collectArtifacts(item, config, flags);
  alert.artifacts = artifacts.list();
  alert.provenance.flags = unique([...flags, ...artifacts.flags()]);
}

function fillFields(alert: AlertContent, item: Item, config: PayloadSettings, flags: Flags): void {
  const options = { severities: joinSeverities(config.severity_map, COMMON_SEVERITIES) };
  for (const field of ALERT_FIELDS) {
    const asked = config.alert?.[field];
    if (asked === undefined) guessField(alert, item, field, options, flags);
    else askField(alert, item, field, asked, options, flags);
  }
}

function askField(
  alert: AlertContent,
  item: Item,
  field: AlertField,
  asked: Expression,
  options: FieldOptions,
  flags: Flags,
): void {
  const outcome = setField(alert, field, evaluate(asked, item, flags), options);
  if ("wrong" in outcome) flags.push(`${field}: ${outcome.wrong} at ${asked.text}`);
}

function evaluate(asked: Expression, item: Item, flags: Flags): unknown[] {
  try {
    return asked.read(item);
  } catch (error) {
    flags.push(`${asked.text}: ${messageOf(error)}`);
    return [];
  }
}

function guessField(
  alert: AlertContent,
  item: Item,
  field: AlertField,
  options: FieldOptions,
  flags: Flags,
): void {
  if (field === "tags") alert.tags = guessTags(item);
  else if (field === "severity") guessSeverity(alert, item, options, flags);
  else guessPlain(alert, item, field, flags);
}

/** The first path with a usable value; a time that is there and cannot be read is flagged. */
function guessPlain(alert: AlertContent, item: Item, field: AlertField, flags: Flags): void {
  let unread: string | undefined;
  for (const path of GUESSES[field] ?? []) {
    const values = item.document.texts(path).slice(0, MAX_VALUES);
    if (values.length === 0) continue;
    const outcome = setField(alert, field, values);
    if ("produced" in outcome) return;
    unread ??= `${path}: ${outcome.wrong}`;
  }
  if (unread !== undefined && field === "event_time") flags.push(unread);
}

/** Whichever name has a severity we know; else the first word stands as the original. */
function guessSeverity(alert: AlertContent, item: Item, options: FieldOptions, flags: Flags): void {
  const words = (GUESSES.severity ?? []).flatMap((path) => item.document.text(path) ?? []);
  const known = words.find((word) => readSeverity(word, options.severities) !== "unknown");
  const chosen = known ?? words[0];
  if (chosen === undefined) return;
  const outcome = setField(alert, "severity", [chosen], options);
  if ("wrong" in outcome) flags.push(`severity: ${outcome.wrong}`);
}

function guessTags(item: Item): string[] {
  const texts = TAGS.flatMap((path) => item.document.texts(path).slice(0, MAX_VALUES));
  return unique(texts.flatMap((text) => textsOf(text.split(",")))).slice(0, MAX_TAGS);
}

function fillTitle(alert: AlertContent, item: Item, untitled: string, flags: Flags): void {
  for (const path of alert.title === "" ? TITLES : []) {
    const text = item.document.text(path);
    if (text === null || isUniqueId(text)) continue;
    setField(alert, "title", [text]);
    if (alert.title !== "") break;
  }
  if (alert.description === alert.title) alert.description = null;
  if (alert.title !== "") return;
  setField(alert, "title", [untitled]);
  flags.push("title: none of the known names");
}

function collectArtifacts(item: Item, config: PayloadSettings, flags: Flags): ArtifactSet {
  if (config.artifacts === undefined) return guessArtifacts(item.document);
  const artifacts = new ArtifactSet();
  for (const { path, type, role } of config.artifacts) {
    const place = { field: path.text, role: role ?? "related" };
    artifacts.add(type, evaluate(path, item, flags), place);
  }
  return artifacts;
}
