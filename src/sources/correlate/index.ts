/**
 * Matches of `correlate` policies. Not a kind that can be configured: its events come from the
 * program itself, with what the policy found as their document.
 */
import { z } from "zod";
import { ArtifactSet } from "../../alert/artifacts.ts";
import { emptyContent } from "../../alert/content.ts";
import type { AskedType } from "../../alert/observables.ts";
import { ARTIFACT_ROLES, ARTIFACT_TYPES, type ArtifactRole } from "../../alert/schema.ts";
import { readSeverity } from "../../alert/severity.ts";
import { toTitle } from "../../alert/text.ts";
import { readTime } from "../../alert/time.ts";
import { writeDuration } from "../../config/values.ts";
import { isObject, textOf, textsOf } from "../read.ts";
import { defineSource, type JsonObject, type Normalised } from "../source.ts";

/** Name and kind of the source. */
export const CORRELATE_SOURCE = "correlate";

/** What the values of a `by` field are; those of other fields are in the title and the reason. */
const ENTITY_FIELDS: ReadonlyMap<
  string,
  { readonly type: AskedType; readonly role: ArtifactRole }
> = new Map([
  ["host.name", { type: "hostname", role: "related" }],
  ["user.name", { type: "account", role: "related" }],
  ["source.ip", { type: "ip", role: "source" }],
  ["destination.ip", { type: "ip", role: "destination" }],
]);

export const correlateSource = defineSource({
  kind: CORRELATE_SOURCE,
  vendor: "Tocsin",
  summary: "What several events say together.",
  config: z.object({}),
  decode: () => ({ events: [], rejected: [] }),
  normalise({ document }, { name, kind }): Normalised {
    const source = { name, kind, vendor: "Tocsin", product: "Tocsin", space: null };
    const empty = emptyContent(source);
    const policy = textOf(document["policy"]) ?? name;
    const by = valuesBy(document);
    const artifacts = artifactsOf(document, by);
    const alert = {
      ...empty,
      title: titleOf(document, policy, by),
      reason: reasonOf(document, by),
      severity: readSeverity(document["severity"]),
      event_time: readTime(document["at"]),
      rule: { ...empty.rule, id: policy, name: policy },
      artifacts: artifacts.list(),
      provenance: { repaired: [], flags: artifacts.flags() },
    };
    return { alert, parts: partsOf(document).flatMap(({ id }) => textsOf(id)) };
  },
});

type By = readonly (readonly [field: string, value: string])[];

function valuesBy({ by }: JsonObject): By {
  if (!isObject(by)) return [];
  return Object.entries(by).flatMap(([field, value]) =>
    textsOf(value).map((text) => [field, text] as const),
  );
}

function partsOf({ parts }: JsonObject): JsonObject[] {
  return Array.isArray(parts) ? parts.filter(isObject) : [];
}

function titleOf(document: JsonObject, policy: string, by: By): string {
  const given = toTitle(textOf(document["title"]) ?? "");
  if (given !== "") return given;
  const values = by.map(([, value]) => value).join(", ");
  return toTitle(`${policy}${values === "" ? "" : `: ${values}`} (${countOf(document)} events)`);
}

/** In words: `11 events by user.name ann within 5m`, `2 events in order by host.name web within 10m`. */
function reasonOf(document: JsonObject, by: By): string {
  const order = document["sequence"] === true ? " in order" : "";
  const values = by.map(([field, value]) => `${field} ${value}`).join(", ");
  const whose = values === "" ? "" : ` by ${values}`;
  const { within } = document;
  const time = typeof within === "number" ? ` within ${writeDuration(within)}` : "";
  return toTitle(`${countOf(document)} events${order}${whose}${time}`);
}

function countOf(document: JsonObject): number {
  const { count } = document;
  return typeof count === "number" ? count : partsOf(document).length;
}

/** What the parts bring, and the values that they have in common. */
function artifactsOf(document: JsonObject, by: By): ArtifactSet {
  const found = new ArtifactSet();
  const { artifacts } = document;
  for (const artifact of Array.isArray(artifacts) ? artifacts.filter(isObject) : []) {
    const type = ARTIFACT_TYPES.find((known) => known === artifact["type"]);
    const role = ARTIFACT_ROLES.find((known) => known === artifact["role"]) ?? "related";
    if (type) found.add(type, artifact["value"], { field: "parts", role });
  }
  for (const [field, value] of by) {
    const known = ENTITY_FIELDS.get(field);
    if (known) found.add(known.type, value, { field, role: known.role });
  }
  return found;
}
