import { emptyContent } from "../../alert/content.ts";
import type { AlertContent } from "../../alert/schema.ts";
import { toTitle } from "../../alert/text.ts";
import { ElasticDocument } from "../../elastic/document.ts";
import type { AlertField } from "../alert-fields.ts";
import { expandKeys, type Item } from "../generic/expression.ts";
import { fillFromPayload } from "../generic/normalise.ts";
import { isObject, textOf } from "../read.ts";
import { readTimeAt } from "../readings.ts";
import type { JsonObject, NormaliseContext, Normalised, SourceEvent } from "../source.ts";
import type { CloudEventsConfig } from "./index.ts";

/**
 * Reads an event: its data as the generic source reads a body, the attributes for what the data does
 * not say. Paths of the settings begin in the data; `ce.subject` and the like are the attributes.
 */
export function normaliseCloudEvent(
  event: SourceEvent,
  context: NormaliseContext<CloudEventsConfig>,
): Normalised {
  const { data, ...attributes } = event.document;
  const { name, kind, config } = context;
  const product = toTitle(textOf(attributes["source"]) ?? "") || name;
  const alert = emptyContent({ name, kind, vendor: "CloudEvents", product, space: null });
  const subject = textOf(attributes["subject"]);
  const untitled = subject === null ? event.stream : `${event.stream}: ${subject}`;
  fillFromPayload(alert, openPayload(data, attributes), { config, untitled });
  fillFromAttributes(alert, attributes, event.stream, config);
  if (!isObject(data)) fillPlain(alert, data, config);
  alert.provenance.repaired.push(...event.repaired);
  return { alert };
}

/** The data first, so that an attribute never stands in its way. */
function openPayload(data: unknown, attributes: JsonObject): Item {
  const payload = isObject(data) ? data : {};
  return {
    document: new ElasticDocument([payload, { ce: attributes }]),
    scope: () => expandKeys({ ce: attributes, ...payload }),
  };
}

/** What the configuration asks for comes from there and from nowhere else. */
function fillFromAttributes(
  alert: AlertContent,
  attributes: JsonObject,
  type: string,
  config: CloudEventsConfig,
): void {
  const isOpen = (field: AlertField) => config.alert?.[field] === undefined;
  const { flags } = alert.provenance;
  if (isOpen("external.id")) alert.external.id ??= textOf(attributes["id"]);
  if (isOpen("event_time")) alert.event_time ??= readTimeAt("time", attributes["time"], flags);
  if (isOpen("rule.name")) alert.rule.name ??= type;
}

/** Data that is no object: a text tells something, anything else is in the raw event only. */
function fillPlain(alert: AlertContent, data: unknown, config: CloudEventsConfig): void {
  if (data === undefined || data === null) return;
  if (typeof data !== "string") alert.provenance.flags.push("data: not an object");
  else if (config.alert?.description === undefined) alert.description ??= textOf(data);
}
