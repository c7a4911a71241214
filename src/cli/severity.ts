/** Colours of the severities. */
import type { Severity } from "../alert/severity.ts";
import type { Paint } from "./context.ts";

/** A severity's name, or another text, in the colour of the severity. */
export function paintSeverity(severity: Severity, paint: Paint, text: string = severity): string {
  switch (severity) {
    case "critical":
      return paint.bold(paint.red(text));
    case "high":
      return paint.red(text);
    case "medium":
      return paint.yellow(text);
    case "low":
      return paint.cyan(text);
    case "informational":
    case "unknown":
      return paint.dim(text);
  }
}
