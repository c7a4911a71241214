import { mergeAttack, readAttackIds, readThreat } from "../../alert/attack.ts";
import { emptyContent } from "../../alert/content.ts";
import type { AlertContent, Attack } from "../../alert/schema.ts";
import type { Severity } from "../../alert/severity.ts";
import { toTitle } from "../../alert/text.ts";
import { ElasticDocument } from "../../elastic/document.ts";
import { quote, unique } from "../read.ts";
import { joinSeverities, readGrade, readTimeAt } from "../readings.ts";
import type { NormaliseContext, Normalised, SourceEvent } from "../source.ts";
import { collectArtifacts } from "./artifacts.ts";
import { isSummary } from "./decode.ts";
import type { WazuhConfig } from "./index.ts";
import { fillSummary } from "./summary.ts";

/** The bands of Wazuh's own dashboard, over levels from 0 to 16. */
const BANDS: readonly (readonly [least: number, severity: Severity])[] = [
  [15, "critical"],
  [12, "high"],
  [7, "medium"],
  [0, "low"],
];
const HIGHEST_LEVEL = 16;

/** Reads a line of alerts.json, or the summary of one. */
export function normaliseWazuh(
  event: SourceEvent,
  context: NormaliseContext<WazuhConfig>,
): Normalised {
  const { name, kind } = context;
  const alert = emptyContent({ name, kind, vendor: "Wazuh", product: "Wazuh", space: null });
  const document = new ElasticDocument([event.document]);
  if (isSummary(event.document)) fillSummary(alert, event.document, context.config);
  else fillAlert(alert, document, context.config);
  alert.title ||= event.stream;
  alert.provenance.repaired.push(...event.repaired);
  return { alert };
}

function fillAlert(alert: AlertContent, document: ElasticDocument, config: WazuhConfig): void {
  const { flags } = alert.provenance;
  const description = document.text("rule.description");
  alert.external.id = document.text("id");
  alert.title = toTitle(description ?? "");
  alert.reason = document.text("full_log");
  Object.assign(alert, readLevel(document.text("rule.level"), config, flags));
  // A Windows event carries when it happened; otherwise there is when the manager read it.
  const read = readTimeAt("timestamp", document.text("timestamp"), flags);
  const windows = document.text("data.win.system.systemTime");
  alert.event_time = readTimeAt("systemTime", windows, flags) ?? read;
  alert.detected_at = read;
  alert.rule.id = document.text("rule.id");
  alert.rule.name = description;
  alert.attack = readMitre(document);
  alert.tags = unique(document.texts("rule.groups"));
  const artifacts = collectArtifacts(document);
  alert.artifacts = artifacts.list();
  flags.push(...artifacts.flags());
}

/** A level is a number, also as text. The operator's map may name levels one by one. */
function readLevel(
  text: string | null,
  { severity_map }: WazuhConfig,
  flags: string[],
): Pick<AlertContent, "severity" | "severity_original"> {
  const own = readGrade(text, joinSeverities(severity_map, {}), []);
  if (text === null || own.severity !== "unknown") return own;
  const level = Number(text);
  const isLevel = Number.isInteger(level) && level <= HIGHEST_LEVEL;
  const band = isLevel ? BANDS.find(([least]) => level >= least) : undefined;
  if (band === undefined) flags.push(`rule.level: ${quote(text)} is not a level from 0 to 16`);
  return { severity: band?.[1] ?? "unknown", severity_original: text };
}

/** `rule.mitre` has lists of ids, tactics and technique names; the names go with the ids. */
function readMitre(document: ElasticDocument): Attack[] {
  const names = document.texts("rule.mitre.technique");
  const ids = document.texts("rule.mitre.id");
  const tactics = document.texts("rule.mitre.tactic").flatMap((tactic) => {
    const [found] = readAttackIds([`attack.${tactic.replace(/[^a-z]+/gi, "")}`]);
    return found?.tactic?.id ?? [];
  });
  const technique = { id: ids, ...(names.length === ids.length ? { name: names } : {}) };
  return mergeAttack(readThreat({ tactic: { id: unique(tactics) }, technique }));
}
