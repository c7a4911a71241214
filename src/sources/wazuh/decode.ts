import { toTitle } from "../../alert/text.ts";
import { isObject, keyPart, rejectItem, textOf } from "../read.ts";
import type { Decoded, JsonObject, JsonValue } from "../source.ts";

/**
 * One body is one alert. What integratord posts is up to its script: the line of alerts.json
 * (`{timestamp, rule: {level, description, id, mitre, groups}, agent, manager, id, data, …}`;
 * documentation.wazuh.com, "Integration with external APIs"), or a summary in words, `{message,
 * severity, description, created_at}`, as the script for Keep does.
 */
export function decodeWazuh(body: JsonValue, source: string): Decoded {
  if (!isObject(body)) {
    return reject(rejectItem("not_an_object", "a Wazuh alert is a JSON object", body));
  }
  if (!isAlert(body) && !isSummary(body)) {
    const detail = "neither a rule with a level nor a message with a severity: not a Wazuh alert";
    return reject(rejectItem("not_an_alert", detail, body));
  }
  return {
    events: [{ stream: streamOf(body), key: keyOf(body, source), document: body }],
    rejected: [],
  };
}

function reject(item: Decoded["rejected"][number]): Decoded {
  return { events: [], rejected: [item] };
}

function isAlert({ rule }: JsonObject): boolean {
  return isObject(rule) && (textOf(rule["level"]) ?? textOf(rule["description"])) !== null;
}

/** Whether a body is the summary that a script made. */
export function isSummary(body: JsonObject): boolean {
  const words = [body["message"], body["severity"]].map(textOf);
  return !isObject(body["rule"]) && words.every((text) => text !== null);
}

/** By the rule's id: its description holds values of the event (`$(srcip)`). */
function streamOf(body: JsonObject): string {
  const rule = isObject(body["rule"]) ? body["rule"] : {};
  const id = textOf(rule["id"]) ?? ruleIdIn(body);
  const name = id === null ? (textOf(rule["description"]) ?? textOf(body["message"])) : null;
  return toTitle(name ?? `Wazuh rule ${id ?? ""}`) || "Wazuh rule";
}

/** The rule's id in the description of a summary: a line `Rule ID 5551`. */
export function ruleIdIn(body: JsonObject): string | null {
  return lineOf(body, "Rule ID");
}

/** What follows a name at the beginning of a line of a summary's description. */
export function lineOf(body: JsonObject, name: string): string | null {
  const lines = (textOf(body["description"]) ?? "").split("\n");
  const line = lines.find((text) => text.startsWith(`${name} `));
  return textOf(line?.slice(name.length));
}

/**
 * An id is the second and the place in the manager's log, so it is unique at its manager only; many
 * managers have the name that came with their image, so the source counts, too.
 */
function keyOf(body: JsonObject, source: string): string | null {
  const id = textOf(body["id"]);
  if (id === null || !isObject(body["rule"])) return null;
  const manager = isObject(body["manager"]) ? textOf(body["manager"]["name"]) : null;
  return `wazuh:${source}:${keyPart(manager ?? "-")}/${keyPart(id)}`;
}
