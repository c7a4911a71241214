/** The body of a message about one alert: facts, the reason, what was observed, where to look. */
import type { Alert, Artifact, Attack } from "../../alert/schema.ts";
import { defang } from "../../template/filters.ts";
import type { Message } from "../destination.ts";
import { clip, clipList, oneLine } from "../text.ts";
import { seenInWords } from "../words.ts";
import * as blocks from "./blocks.ts";
import type { Block } from "./blocks.ts";

const MAX_VALUES = 4;
const MAX_VALUE = 100;
const MAX_ARTIFACTS = 20;
const MAX_ARTIFACT = 200;
/** A part with less room than this is left out. */
const MIN_PART = 100;

/** Facts, links and small print have their room; the long texts share what is left of the sum. */
export function alertBody(message: Message): Block[] {
  const { alert } = message;
  const facts: Block = { type: "section", fields: factsOf(message).slice(0, blocks.LIMITS.fields) };
  const end = endOf(message);
  let room = blocks.LIMITS.sum - blocks.LIMITS.header * 2 - blocks.sizeOf([facts, end]);
  const texts: Block[] = [];
  const add = (make: (max: number) => Block | undefined) => {
    const block = room < MIN_PART ? undefined : make(room);
    if (!block) return;
    room -= blocks.sizeOf(block);
    texts.push(block);
  };
  add((max) => paragraphOf(alert.reason, max));
  add((max) => artifactsOf(alert.artifacts, max));
  add((max) => paragraphOf(alert.description === alert.reason ? null : alert.description, max));
  return [facts, ...texts, ...end];
}

function paragraphOf(text: string | null, max: number): Block | undefined {
  // Room for the words around the text, which count too.
  return text?.trim() ? blocks.paragraph(text, max - MIN_PART / 2) : undefined;
}

function factsOf(message: Message) {
  const { alert } = message;
  const { source, rule, entities } = alert;
  const facts: readonly (readonly [string, readonly (string | null)[]])[] = [
    ["Severity", [alert.severity]],
    ["Source", [source.name]],
    ["Rule", [rule.name ?? rule.id]],
    ["Host", entities.hosts],
    ["User", entities.users],
    ["IP", entities.ips],
    ["ATT&amp;CK", alert.attack.map(attackId)],
    ["Time", [alert.event_time ?? alert.detected_at ?? alert.received_at]],
    ["Seen", seenInWords(message)],
    ["TLP", [alert.tlp]],
  ];
  return facts.flatMap(([label, values]) => {
    const given = values.filter((value) => value !== null && value !== "") as string[];
    const shown = clipList([...new Set(given)], MAX_VALUES, (value) => value);
    return shown.length === 0 ? [] : [blocks.field(label, shown, MAX_VALUE)];
  });
}

function attackId({ tactic, technique, subtechnique }: Attack): string | null {
  return (subtechnique ?? technique ?? tactic)?.id ?? null;
}

function artifactsOf(artifacts: readonly Artifact[], max: number): Block | undefined {
  if (artifacts.length === 0) return undefined;
  const lines = clipList(artifacts, MAX_ARTIFACTS, ({ type, value }) => {
    return `${type.padEnd(12)} ${clip(oneLine(disarm(type, value)), MAX_ARTIFACT)}`;
  });
  return blocks.codeBlock(lines, max - MIN_PART / 2);
}

const CLICKABLE: ReadonlySet<Artifact["type"]> = new Set([
  "url",
  "domain",
  "hostname",
  "ip",
  "email",
]);

function disarm(type: Artifact["type"], value: string): string {
  return CLICKABLE.has(type) || value.includes("://") ? defang(value) : value;
}

/** The button to the vendor names the host it leads to: the URL comes from the alert. */
function endOf({ alert, link, test }: Message): Block[] {
  const vendor = blocks.linkUrl(alert.external.url);
  const buttons = [
    ...blocks.ownButton(link),
    ...(vendor ? [blocks.button(`Open at ${vendor.host}`, vendor.href)] : []),
  ];
  return blocks.ending(buttons, originOf(alert), test);
}

function originOf({ number, received_at }: Alert): string {
  return `${number} · received ${received_at}`;
}
