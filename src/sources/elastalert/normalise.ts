import { toTitle } from "../../alert/text.ts";
import { isDetectionAlert, normaliseElastic } from "../../elastic/alert.ts";
import { openDocument, type ElasticDocument } from "../../elastic/document.ts";
import type { AlertContent } from "../../alert/schema.ts";
import { guessArtifacts } from "../generic/guesses.ts";
import { linkOf, textsOf, unique } from "../read.ts";
import { joinSeverities, readGrade } from "../readings.ts";
import type { NormaliseContext, Normalised, SourceEvent } from "../source.ts";
import { ruleOf } from "./decode.ts";
import type { ElastalertConfig } from "./index.ts";

/** Members of a payload that operators write, in order of how well they tell an alert apart. */
const TITLES = ["alert_subject", "alert_title", "title", "subject"];
const SEVERITIES = ["severity", "alert_severity"];
const LINKS = ["kibana_discover_url", "kibana_link", "kibana_url"];

/** Reads a match: the rule as the payload names it, everything else as of any Elastic document. */
export function normaliseElastalert(
  event: SourceEvent,
  context: NormaliseContext<ElastalertConfig>,
): Normalised {
  const { name, kind, config } = context;
  const document = openDocument(event.document);
  const rule = ruleOf(event.document, config);
  const facts = { rule: rule === null ? {} : { name: rule }, url: readLink(document) };
  const { repaired } = event;
  const elastic = { name, kind, product: "ElastAlert", repaired, facts };
  const alert = normaliseElastic(document, elastic);
  // Of a detection alert the detection stands; ElastAlert handed it on.
  if (!isDetectionAlert(document)) fillMatch(alert, document, config);
  const artifacts = guessArtifacts(document);
  alert.artifacts = artifacts.list();
  alert.provenance.flags = unique([...alert.provenance.flags, ...artifacts.flags()]);
  return { alert };
}

function readLink(document: ElasticDocument): string | null {
  const links = LINKS.flatMap((path) => linkOf(document.text(path)) ?? []);
  return links[0] ?? null;
}

function fillMatch(alert: AlertContent, document: ElasticDocument, config: ElastalertConfig): void {
  const { flags } = alert.provenance;
  alert.source.vendor = "ElastAlert";
  const titles = TITLES.map((path) => toTitle(document.text(path) ?? ""));
  const title = titles.find((text) => text !== "");
  if (title !== undefined) {
    alert.title = title;
    alert.provenance.flags = flags.filter((flag) => !flag.startsWith("title:"));
  }
  alert.description = document.first("alert_text", "description") ?? alert.description;
  alert.reason ??= readCounts(document);
  const severity = document.first(...SEVERITIES);
  const map = joinSeverities(config.severity_map, {});
  if (severity !== null) Object.assign(alert, readGrade(severity, map, alert.provenance.flags));
  const tags = document.texts("tags").flatMap((text) => textsOf(text.split(",")));
  alert.tags = unique([...alert.tags, ...tags]).slice(0, 100);
}

/** What the rule counted: `12 hits, 1 match`. */
function readCounts(document: ElasticDocument): string | null {
  const hits = document.number("num_hits");
  const matches = document.number("num_matches");
  const parts = [
    hits === null ? null : `${hits} ${hits === 1 ? "hit" : "hits"}`,
    matches === null ? null : `${matches} ${matches === 1 ? "match" : "matches"}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(", ");
}
