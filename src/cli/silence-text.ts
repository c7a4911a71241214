/** Silences as text. */
import { clip, toLine } from "../alert/text.ts";
import type { ListedSilence, SilenceDetail } from "../ledger/silences.ts";
import type { Paint } from "./context.ts";
import { paintSeverity } from "./severity.ts";
import { formatTable, type Cell } from "./table.ts";
import { countOf, formatDuration, formatTime, formatValue } from "./text.ts";

const MATCH_WIDTH = 40;

/** A table of silences with what each of them hid. */
export function formatSilences(
  items: readonly ListedSilence[],
  paint: Paint,
  width: number,
): string[] {
  const header = ["ID", "STATE", "FROM", "UNTIL", "HID", "HIGHEST", "OPEN", "TRUE", "MATCH", "WHY"];
  const rows = items.map((silence) => [
    silence.id,
    silence.state,
    formatFrom(silence),
    formatUntil(silence),
    String(silence.debt.alerts),
    highestCell(silence, paint),
    String(silence.debt.open),
    String(silence.debt.true_positive),
    clip(toLine(silence.match), MATCH_WIDTH),
    silence.comment,
  ]);
  return formatTable(header, rows, width);
}

/** While a window lasts, its beginning and end; else those of the silence as a whole. */
function formatFrom({ window, from }: ListedSilence): string {
  const time = window ? window.from : from;
  return time === null ? "always" : formatTime(time);
}

function formatUntil({ window, until, ended_at }: ListedSilence): string {
  const time = window ? window.until : (ended_at ?? until);
  return time === null ? "never" : formatTime(time);
}

function highestCell({ debt: { severity } }: ListedSilence, paint: Paint): Cell {
  if (severity === null) return "-";
  return { text: severity, paint: (text) => paintSeverity(severity, paint, text) };
}

/** Everything about a silence, with the alerts that it held back. */
export function describeSilence(silence: SilenceDetail, paint: Paint): string[] {
  const line = (label: string, value: string | null) =>
    value === null ? [] : [`  ${label.padEnd(12)}${formatValue(value)}`];
  return [
    `${silence.id}  ${silence.state}  ${paint.bold(formatValue(silence.comment))}`,
    ...line("match", silence.match),
    ...line("from", formatFrom(silence)),
    ...line("until", formatUntil(silence)),
    ...line("recurs", formatRecurrence(silence)),
    ...line("at end", silence.at_end),
    ...line("remind", formatReminder(silence)),
    ...line(
      "author",
      silence.origin === "file" ? `${silence.author}, in the file` : silence.author,
    ),
    ...line("changed", `${formatTime(silence.updated_at)}, version ${silence.version}`),
    ...line("hid", describeDebt(silence)),
    ...formatHidden(silence, paint),
  ];
}

function formatRecurrence({ cron, for: length, time_zone }: ListedSilence): string | null {
  if (cron === null) return null;
  return `${cron} (${time_zone ?? "UTC"}) for ${formatDuration(length ?? 0)} each time`;
}

function formatReminder({ remind }: ListedSilence): string | null {
  return remind === null ? null : `${formatDuration(remind)} before it ends for good`;
}

/** What a silence hid, in a few words. */
export function describeDebt({ debt }: Pick<ListedSilence, "debt">): string {
  const { alerts, severity, open, true_positive, unjudged } = debt;
  if (severity === null) return "no alerts";
  return (
    `${countOf(alerts, "alert")}, the highest ${severity}: ` +
    `${open} open, ${true_positive} true, ${unjudged} without a verdict`
  );
}

function formatHidden({ hidden: { items, total } }: SilenceDetail, paint: Paint): string[] {
  if (items.length === 0) return [];
  const header = ["ALERT", "SEVERITY", "STATUS", "VERDICT", "TITLE"];
  const rows = items.map(({ number, severity, status, verdict, title }) => [
    number,
    { text: severity, paint: (text: string) => paintSeverity(severity, paint, text) },
    status,
    verdict ?? "-",
    title,
  ]);
  const rest = total - items.length;
  return ["", ...formatTable(header, rows), ...(rest > 0 ? [`and ${rest} older ones`] : [])];
}
