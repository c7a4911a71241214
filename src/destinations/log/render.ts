/** The line a terminal shows; nothing in an alert can reach the terminal as a command. */
import type { Alert } from "../../alert/schema.ts";
import type { Message } from "../destination.ts";
import { clip, clipList, oneLine } from "../text.ts";

const MAX_TITLE = 160;
const MAX_VALUE = 64;
const MAX_VALUES = 3;
const SEVERITY_WIDTH = "informational".length;

/** `2026-05-05T10:00:00.000Z HIGH ALR-000123 title · source kibana · host web-1 · user bob` */
export function renderLine(message: Message, format: "text" | "json"): string {
  return format === "json" ? renderJson(message) : renderText(message);
}

function renderText({ alert, test }: Message): string {
  const head = [
    alert.received_at,
    alert.severity.toUpperCase().padEnd(SEVERITY_WIDTH),
    alert.number,
    ...(test ? ["[TEST]"] : []),
    clip(oneLine(alert.title), MAX_TITLE),
  ];
  return [head.join(" "), ...whoAndWhere(alert)].join(" · ");
}

function whoAndWhere({ source, entities }: Alert): string[] {
  return [
    `source ${oneLine(source.name)}`,
    ...named("host", entities.hosts),
    ...named("user", entities.users),
  ];
}

function named(name: string, values: readonly string[]): string[] {
  if (values.length === 0) return [];
  const shown = clipList(values, MAX_VALUES, (value) => clip(oneLine(value), MAX_VALUE));
  return [`${name} ${shown.join(", ")}`];
}

// JSON escapes the controls below U+0020 by itself; terminals obey some above it, too.
function renderJson({ alert, key, link, test }: Message): string {
  const json = JSON.stringify({ type: test ? "test" : "alert", key, alert, link });
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    },
  );
}
