/**
 * Tocsin's own alerts to its operators (a destination that refuses deliveries, …). Not a kind that
 * can be configured: its events come from the program itself.
 */
import { z } from "zod";
import { emptyContent } from "../../alert/content.ts";
import { readSeverity } from "../../alert/severity.ts";
import { readTime } from "../../alert/time.ts";
import { defineSource, type JsonObject } from "../source.ts";

/** Name and kind of the source; the `operators` route takes what it raises. */
export const OPERATOR_SOURCE = "tocsin";

export const operatorSource = defineSource({
  kind: OPERATOR_SOURCE,
  vendor: "Tocsin",
  summary: "What Tocsin has to tell its operators.",
  config: z.object({}),
  decode: () => ({ events: [], rejected: [] }),
  normalise({ document }, { name, kind }) {
    const source = { name, kind, vendor: "Tocsin", product: "Tocsin", space: null };
    const title = text(document, "title") ?? "Tocsin needs attention";
    const alert = {
      ...emptyContent(source),
      title,
      description: text(document, "description"),
      reason: text(document, "reason"),
      severity: readSeverity(document["severity"]),
      detected_at: readTime(document["at"]),
    };
    return { alert: { ...alert, rule: { ...alert.rule, name: title } } };
  },
});

function text(document: JsonObject, name: string): string | null {
  const value = document[name];
  return typeof value === "string" ? value : null;
}
