import { toTitle } from "../../alert/text.ts";
import { isObject, keyPart, rejectItem } from "../read.ts";
import type { Decoded, JsonValue } from "../source.ts";
import { isActivityReport, isKnown, readFields, type SupernaFields } from "./fields.ts";

/** The stream of the 24-hour user activity reports. */
export const REPORT_STREAM = "User Activity Report";

/** One body is one event: an event of Ransomware Defender or a user activity report. */
export function decodeSuperna(body: JsonValue, source: string): Decoded {
  if (!isObject(body)) {
    return reject(rejectItem("not_an_object", "a Superna event is a JSON object", body));
  }
  const fields = readFields(body);
  const report = isActivityReport(body, fields);
  if (!report && !isKnown(fields)) {
    const detail = "none of the members of a Superna event";
    return reject(rejectItem("not_an_alert", detail, body));
  }
  const stream = report ? REPORT_STREAM : streamOf(fields);
  return { events: [{ stream, key: keyOf(fields, source), document: body }], rejected: [] };
}

function reject(item: Decoded["rejected"][number]): Decoded {
  return { events: [], rejected: [item] };
}

function streamOf(fields: SupernaFields): string {
  return toTitle(["Ransomware Defender", fields.eventSource[0] ?? []].flat().join(" "));
}

/**
 * One event is posted again as its state or severity changes, and identically when the sender
 * repeats itself: the first is news, the second is not. Two appliances may give the same id, so ids
 * name an event only together with their source.
 */
function keyOf({ id, state, severity }: SupernaFields, source: string): string | null {
  if (id[0] === undefined) return null;
  return `superna:${[source, id[0], state[0] ?? "", severity[0] ?? ""].map(keyPart).join(":")}`;
}
