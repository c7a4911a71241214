/** Summaries: what a script made of an alert, in words. */
import type { AlertContent } from "../../alert/schema.ts";
import { toTitle } from "../../alert/text.ts";
import { ArtifactSet } from "../../alert/artifacts.ts";
import { textOf } from "../read.ts";
import { joinSeverities, readGrade, readTimeAt } from "../readings.ts";
import type { JsonObject } from "../source.ts";
import { lineOf, ruleIdIn } from "./decode.ts";
import type { WazuhConfig } from "./index.ts";

/** Fills an alert (in place). The severity is the script's word, whatever the level beside it. */
export function fillSummary(
  alert: AlertContent,
  body: JsonObject,
  { severity_map }: WazuhConfig,
): void {
  const { flags } = alert.provenance;
  alert.title = toTitle(textOf(body["message"]) ?? "");
  alert.description = textOf(body["description"]);
  alert.reason = lineOf(body, "Full Log");
  Object.assign(alert, readGrade(body["severity"], joinSeverities(severity_map, {}), flags));
  alert.event_time = readTimeAt("created_at", body["created_at"], flags);
  alert.detected_at = alert.event_time;
  alert.rule.id = ruleIdIn(body);
  alert.rule.name = textOf(body["message"]);
  const artifacts = new ArtifactSet();
  artifacts.add("host", lineOf(body, "Agent Name"), { field: "description", role: "target" });
  alert.artifacts = artifacts.list();
  flags.push(...artifacts.flags());
}
