/** What a body would become: decoded and normalised as the server would, kept nowhere. */
import type { AlertContent } from "../alert/schema.ts";
import type { ConfiguredSource } from "../app/configuration.ts";
import type { Configuration } from "../app/configuration.ts";
import { normaliseEntry } from "../app/pipeline-configuration.ts";
import { messageOf } from "../errors.ts";
import { decodeReceipt, type ReceiptEvent } from "../sources/decode.ts";
import { applyMappings, type MappingResult } from "../sources/mapping.ts";
import type { Paint } from "./context.ts";
import { paintSeverity } from "./severity.ts";
import { countOf, describeAttack, formatValue } from "./text.ts";

interface TrialEvent {
  readonly stream: string;
  readonly key: string;
  readonly subject: string | null;
  readonly alert: AlertContent;
  readonly mappings: readonly MappingResult[];
}

interface TrialReject {
  readonly reason: string;
  readonly detail: string;
  readonly text: string;
}

/** What would become of a body. */
export interface Trial {
  readonly source: string;
  readonly kind: string;
  readonly events: readonly TrialEvent[];
  readonly rejected: readonly TrialReject[];
  readonly repaired: readonly string[];
  /** Why there is nothing in it, when there is not. */
  readonly empty: string | null;
}

/** Decodes and normalises a body as received at `now` (epoch ms). Throws LIMIT_EXCEEDED. */
export function tryBody(
  source: ConfiguredSource,
  bytes: Uint8Array,
  limits: Configuration["limits"],
  now: number,
): Trial {
  const { body: wireBytes, unpacked: unpackedBytes, events, depth } = limits;
  const decoded = decodeReceipt(
    source.definition,
    source,
    { bytes },
    {
      limits: { wireBytes, unpackedBytes, events, depth },
    },
  );
  const tried = decoded.events.map((event) => tryEvent(source, event, now));
  const rejected = decoded.rejected.map(({ reason, detail, bytes: part }) => ({
    reason,
    detail,
    text: new TextDecoder().decode(part),
  }));
  return {
    source: source.name,
    kind: source.kind,
    events: tried.filter(isEvent),
    rejected: [...rejected, ...tried.filter((item): item is TrialReject => !isEvent(item))],
    repaired: decoded.repaired,
    empty: decoded.empty ?? null,
  };
}

function tryEvent(
  source: ConfiguredSource,
  event: ReceiptEvent,
  received_at: number,
): TrialEvent | TrialReject {
  const { stream, key, document, repaired } = event;
  const entry = { source: source.name, kind: source.kind, stream, received_at, repaired };
  try {
    const { content, subject } = normaliseEntry(source, entry, document);
    // On the alert as it was before them, so that each is seen to do its work.
    const before = source.definition.normalise({ ...entry, document }, source).alert;
    const mappings = applyMappings(before, document, source.common.fields ?? []).results;
    return { stream, key, subject, alert: content, mappings };
  } catch (error) {
    const text = JSON.stringify(document);
    return { reason: "normalise_failed", detail: messageOf(error), text };
  }
}

/** The trial as lines for reading. */
export function describeTrial(trial: Trial, paint: Paint): string[] {
  const { events, rejected, repaired, empty } = trial;
  return [
    `${countOf(events.length, "event")}, ${rejected.length} rejected` +
      (empty === null ? "" : ` (${empty})`),
    ...(repaired.length > 0 ? [`repaired: ${repaired.join(", ")}`] : []),
    ...events.flatMap((event, index) => ["", ...describeEvent(event, index + 1, paint)]),
    ...rejected.flatMap((item) => [
      "",
      `${paint.red("rejected")} ${item.reason}: ${formatValue(item.detail)}`,
      `  ${formatValue(item.text.slice(0, 200))}`,
    ]),
  ];
}

function describeEvent({ alert, ...event }: TrialEvent, number: number, paint: Paint): string[] {
  const { severity, severity_original: original, provenance } = alert;
  const line = (name: string, text: string) => `  ${name.padEnd(10)}${formatValue(text)}`;
  const list = (name: string, texts: readonly string[]) =>
    texts.length === 0
      ? [line(name, "-")]
      : texts.map((text, i) => line(i === 0 ? name : "", text));
  return [
    `event ${number}  ${paintSeverity(severity, paint)}  ${paint.bold(formatValue(alert.title))}`,
    line("stream", event.stream),
    line("key", event.key),
    line("severity", `${severity} (written ${original ?? "nowhere"})`),
    line("event", alert.event_time ?? "-"),
    line("detected", alert.detected_at ?? "-"),
    ...list(
      "artifacts",
      alert.artifacts.map((a) => `${a.type} ${a.value}  (${a.role}, ${a.field})`),
    ),
    ...list("attack", alert.attack.map(describeAttack)),
    ...list("flags", provenance.flags),
    ...(event.subject === null ? [] : [line("subject", event.subject)]),
    ...event.mappings.map(({ path, produced }) => line("mapping", `${path} → ${produced}`)),
  ];
}

function isEvent(item: TrialEvent | TrialReject): item is TrialEvent {
  return "alert" in item;
}
