/** A case, to read. */
import { taskSchema, type TimelineEntry } from "../case/case.ts";
import type { CaseDetail } from "../ledger/case.ts";
import type { Paint } from "./context.ts";
import { paintSeverity } from "./severity.ts";
import { countOf, formatTime, formatValue, printableLines } from "./text.ts";

/** A case with its alerts, related cases and timeline, line by line. */
export function describeCase(found: CaseDetail, paint: Paint): string[] {
  const { id, severity, title, summary } = found;
  return [
    `${id}  ${paintSeverity(severity, paint)}  ${paint.bold(formatValue(title))}`,
    ...describeFields(found),
    ...(summary === null ? [] : ["", ...printableLines(summary)]),
    ...describeAlerts(found, paint),
    ...describeRelated(found),
    "",
    "What happened to it:",
    ...describeTimeline(found),
  ];
}

function describeFields(found: CaseDetail): string[] {
  const { status, verdict, owner, tags, policy, key, follows, merged_into, tasks } = found;
  const line = (label: string, value: string | null) =>
    value === null || value === "" ? [] : [`  ${label.padEnd(12)}${formatValue(value)}`];
  return [
    ...line("status", verdict === null ? status : `${status}, ${verdict}`),
    ...line("merged into", merged_into),
    ...line("owner", owner),
    ...line("tags", tags.join(", ")),
    ...line("opened", `${formatTime(found.opened_at)} by ${policy ?? "hand"}`),
    ...line("key", key),
    ...line("follows", follows),
    ...line("alerts from", formatTime(found.first_alert_at)),
    ...line("alerts to", formatTime(found.last_alert_at)),
    ...line("closed", found.closed_at && formatTime(found.closed_at)),
    ...tasks.flatMap((task, index) => line(index === 0 ? "tasks" : "", describeTask(task))),
  ];
}

function describeTask({ id, title, done, owner }: CaseDetail["tasks"][number]): string {
  return `${id} [${done ? "x" : " "}] ${title}${owner === null ? "" : ` (${owner})`}`;
}

function describeAlerts({ id, alerts }: CaseDetail, paint: Paint): string[] {
  const { total, items } = alerts;
  const more = total > items.length ? [`  … tocsin alerts list --case ${id} shows all`] : [];
  const lines = items.map(
    ({ number, severity, status, received_at, title }) =>
      `  ${number}  ${formatTime(received_at)}  ${paintSeverity(severity, paint)}  ${status}  ` +
      formatValue(title),
  );
  return ["", `${countOf(total, "alert")}:`, ...lines, ...more];
}

function describeRelated({ related }: CaseDetail): string[] {
  if (related.length === 0) return [];
  const lines = related.map(({ id, status, title, shared, shared_total }) => {
    const more = shared_total > shared.length ? " …" : "";
    return `  ${id}  ${status}  ${formatValue(title)}  (${formatValue(shared.join(", "))}${more})`;
  });
  return ["", "Related, by what their alerts have in common:", ...lines];
}

function describeTimeline({ timeline }: CaseDetail): string[] {
  const { total, items } = timeline;
  const older = total > items.length ? [`  … ${total - items.length} older entries`] : [];
  return [...older, ...items.flatMap(describeEntry)];
}

function describeEntry({ at, who, kind, detail }: TimelineEntry): string[] {
  const head = `  ${formatTime(at)}  ${formatValue(who)}  ${kind}`;
  if (kind !== "comment") return [`${head}  ${describeDetail(detail)}`.trimEnd()];
  return [head, ...printableLines(String(detail["text"])).map((line) => `    ${line}`)];
}

/** `before → after` where there are both, and what else is told. */
function describeDetail({ before, after, ...rest }: TimelineEntry["detail"]): string {
  const change =
    before === undefined && after === undefined
      ? []
      : [`${describeValue(before)} → ${describeValue(after)}`];
  const others = Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${formatValue(value)}`);
  return [...change, ...others].join("  ");
}

function describeValue(value: unknown): string {
  const task = taskSchema.safeParse(value);
  return formatValue(task.success ? describeTask(task.data) : (value ?? "none"));
}
