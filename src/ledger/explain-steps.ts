/** What each stage decided, in words, with the values that it compared. */
import type { TraceStep } from "../alert/schema.ts";
import { say, sayCount, sayDuration, sayTime } from "./explain-words.ts";

type Values = TraceStep["values"];
type Speak = (values: Values, step: TraceStep) => string;

/** One line about a step. Steps of a stage or reason that is not known here show their values. */
export function stepText(step: TraceStep): string {
  const speak = SPEECH[`${step.stage} ${step.reason}`] ?? SPEECH[`${step.stage} ${step.outcome}`];
  return speak ? speak(step.values, step) : plain(step.values);
}

function plain(values: Values): string {
  return Object.entries(values)
    .filter(([, value]) => !isEmpty(value))
    .map(([name, value]) => `${name} ${say(value)}`)
    .join("; ");
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

const SPEECH: Readonly<Record<string, Speak>> = {
  "normalise read": sayRead,
  "identify new": ({ key }) => `its key ${say(key)} had not come before`,
  "identify updated": sayUpdated,
  "fold no_values": ({ policy, by }) =>
    `policy ${say(policy)} compares ${say(by)}, and the event has none of them`,
  "fold first_of_key": (values) =>
    `${foldPolicy(values)}: no alert with the same ${say(values["by"])} is known`,
  "fold known_is_closed": (values) =>
    `${foldPolicy(values)}: ${sameAlert(values)} is closed, so a new alert follows it`,
  "fold outside_window": (values) =>
    `${foldPolicy(values)}: ${sameAlert(values)} was seen ${span(values)}, and this happened ${sayTime(values["happened_at"])}, more than ${sayDuration(values["window_ms"])} from that`,
  "fold fold_policy": (values) =>
    `${foldPolicy(values)}: ${sameAlert(values)} is ${say(values["status"])} and was seen ${sayCount(values["count"], "time")} ${span(values)}; this happened ${sayTime(values["happened_at"])}, within ${sayDuration(values["window_ms"])} of that`,
  "correlate no_values": ({ policy, by }) =>
    `policy ${say(policy)} counts by ${say(by)}, and the event has no value for it`,
  "correlate counted": sayReached,
  "correlate match": (values) =>
    `${sayReached(values)}; that is a match, which is an alert of its own`,
  "case no_policy_matched": () => "no case policy fits",
  "case alert_closed": () => "it came closed, and opens no work",
  "case no_values": ({ policy }) =>
    `the alert has none of the values by which policy ${say(policy)} puts alerts together`,
  "case joined": (values) =>
    `joined ${say(values["case"])} of policy ${say(values["policy"])} for ${say(values["key"])}: ${comparedCase(values)}; this happened ${sayTime(values["happened_at"])}, within ${sayDuration(values["window"])} of that`,
  "case opened": (values, { reason }) =>
    `opened ${say(values["case"])} by policy ${say(values["policy"])} for ${say(values["key"])}: ${openedBecause(values, reason)}`,
  "case kept": sayKept,
  "silence silence": (values) =>
    `silence ${say(values["silence"])} (version ${say(values["version"])}) holds back ${say(values["match"])} ${until(values)}`,
  "silence inhibited": (values) =>
    `policy ${say(values["policy"])} mutes ${say(values["mute"])} while ${say(values["by"])} is open, which matches ${say(values["while"])} and has the same ${say(values["equal"])}`,
  "silence passed": ({ silences, inhibitions }) =>
    `nothing mutes it: ${sayCount(silences, "silence")} and ${sayCount(inhibitions, "inhibition")} were asked`,
  "route routed": sayRouted,
  "route unrouted": () => "no route matches it",
  "pace held": sayHeld,
  "pace status_changed": ({ before, status, destinations }) =>
    `its status was ${say(before)} and is ${say(status)} now: an update for ${say(destinations)} at once`,
  "pace silence": ({ cause, due_at }) =>
    `nothing is sent while silence ${say(cause)} lasts${due_at === null ? "" : `; what it held is told of in a digest when it ends at ${sayTime(due_at)}`}`,
  "pace inhibited": ({ cause }) => `nothing is sent while policy ${say(cause)} mutes it`,
};

function sayRead(values: Values): string {
  const { source, kind, severity, severity_original: written } = values;
  const extras = [
    isEmpty(values["repaired"]) ? "" : `; repaired: ${say(values["repaired"])}`,
    isEmpty(values["flags"]) ? "" : `; flags: ${say(values["flags"])}`,
  ].join("");
  const origin = isEmpty(written) ? "" : ` (written ${say(written)})`;
  return `read as an event of source ${say(source)} (${say(kind)}), severity ${say(severity)}${origin}${extras}`;
}

function sayUpdated({ alert, subject, updates, severity, status }: Values): string {
  const { before, event } = membersOf(severity);
  const known = isEmpty(updates)
    ? `changes ${say(alert)}, which has the same subject ${say(subject)}`
    : `changes ${say(alert)}, of which it is a later state`;
  return `${known}: its severity was ${say(before)}, the event's is ${say(event)}${sayStatus(status)}`;
}

function sayStatus(status: unknown): string {
  const { before, event, after } = membersOf(status);
  if (before === event) return "";
  const end = after === before ? "it stays so" : `it is ${say(after)} now`;
  return `; its status was ${say(before)}, the event's is ${say(event)}, and ${end}`;
}

function foldPolicy({ policy, match }: Values): string {
  return `policy ${say(policy)} (${say(match)})`;
}

function sameAlert({ alert, by }: Values): string {
  return `${say(alert)} with the same ${say(by)}`;
}

function span(values: Values): string {
  return `from ${sayTime(values["first_seen"])} to ${sayTime(values["last_seen"])}`;
}

function sayReached({ policy, values, reached, needed, within_ms }: Values): string {
  const of = isEmpty(values) || say(values) === "" ? "" : `, ${say(values)}`;
  return `policy ${say(policy)}${of}: ${say(reached)} of ${say(needed)} within ${sayDuration(within_ms)}`;
}

function comparedCase({ compared }: Values): string {
  const known = membersOf(compared);
  return `it is ${say(known["status"])} with ${sayCount(known["alert_count"], "alert")} from ${sayTime(known["first_alert_at"])} to ${sayTime(known["last_alert_at"])}`;
}

function openedBecause(values: Values, reason: string): string {
  const known = membersOf(values["compared"]);
  const name = say(known["case"]);
  switch (reason) {
    case "case_closed":
      return `${name} is ${say(known["status"])}`;
    case "case_full":
      return `${name} is full with ${say(values["max_alerts"])} alerts`;
    case "outside_window":
      return `${name} had alerts from ${sayTime(known["first_alert_at"])} to ${sayTime(known["last_alert_at"])}, and this happened ${sayTime(values["happened_at"])}, more than ${sayDuration(values["window"])} from that`;
    default:
      return "the first case of it";
  }
}

function sayKept(values: Values): string {
  const after = values["severity_after"];
  const raised =
    after === undefined || after === values["severity"] ? "" : `, raised to ${say(after)}`;
  return `stays in ${say(values["case"])} (${say(values["status"])}, severity ${say(values["severity"])}${raised})`;
}

function until({ from, until: end }: Values): string {
  const begin = isEmpty(from) ? "" : `from ${sayTime(from)} `;
  return `${begin}${isEmpty(end) ? "without an end" : `until ${sayTime(end)}`}`;
}

function sayRouted(values: Values): string {
  const routes = listOf(values["routes"]).map(({ name, match }) => `${say(name)} (${say(match)})`);
  const targets = listOf(values["deliveries"]).map(({ destination, state }) =>
    state === "suppressed" ? `${say(destination)} (shadow, nothing is sent)` : say(destination),
  );
  const by = routes.length === 0 ? "no route now, by others before" : routes.join(", ");
  return `taken by ${by} → ${targets.length === 0 ? "nowhere new" : targets.join(", ")}`;
}

function sayHeld(values: Values, { reason }: TraceStep): string {
  const route = `route ${say(values["route"])}`;
  const due = sayTime(values["due_at"]);
  switch (reason) {
    case "group_wait":
      return `waits for its group by ${route} until ${due}`;
    case "over_limit":
      return `over the limit of ${route}, waits until ${due}`;
    case "outside_hours":
      return `outside the hours of ${route}, waits until ${due}`;
    default:
      return `${values["kind"] === "update" ? "an update" : "a reminder"} for ${say(values["destinations"])} by ${route}, due ${due}`;
  }
}

function membersOf(value: unknown): Values {
  return typeof value === "object" && value !== null ? (value as Values) : {};
}

function listOf(value: unknown): Values[] {
  return Array.isArray(value) ? value.map(membersOf) : [];
}
