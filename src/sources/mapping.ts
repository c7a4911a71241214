/** Field mappings of a source's own: from a path of the raw document to an artifact or a field. */
import { z } from "zod";
import { ArtifactSet } from "../alert/artifacts.ts";
import {
  ARTIFACT_ROLES,
  ARTIFACT_TYPES,
  type Artifact,
  type AlertContent,
} from "../alert/schema.ts";
import { type ElasticDocument, openDocument } from "../elastic/document.ts";
import { ALERT_FIELDS, setField } from "./alert-fields.ts";
import { isObject, unique } from "./read.ts";
import type { JsonObject } from "./source.ts";

/** Artifact types a configuration may ask for: three more are decided by the value. */
export const MAPPED_TYPES = [...ARTIFACT_TYPES, "hash", "host", "address"] as const;

const path = z
  .string()
  .min(1)
  .describe("Path in the raw document. Flat dotted keys, nested keys and arrays are seen alike.");

export const fieldMapping = z
  .strictObject({
    path,
    artifact: z
      .enum(MAPPED_TYPES)
      .optional()
      .describe(
        "Take the values as artifacts of this type. hash, host and address are decided by the value.",
      ),
    role: z.enum(ARTIFACT_ROLES).optional().describe("The part the artifacts played."),
    field: z.enum(ALERT_FIELDS).optional().describe("Put the value in this field of the alert."),
  })
  .superRefine(({ artifact, field, role }, context) => {
    const issue = (message: string) => context.addIssue({ code: "custom", message });
    if (artifact !== undefined && field !== undefined) issue("write artifact or field, not both");
    if (artifact === undefined && field === undefined)
      issue("says not what the value becomes — write artifact or field");
    if (field !== undefined && role !== undefined) issue("role goes with artifact, not with field");
  });
export type FieldMapping = z.infer<typeof fieldMapping>;

/** What one mapping came to: the values at its path, and in words what was made of them. */
export interface MappingResult {
  readonly path: string;
  readonly found: readonly unknown[];
  readonly produced: string;
}

/**
 * Applies mappings, in order, to what `normalise` made of a document. A field is replaced (lists
 * grow), an artifact is added, also when the source found the value already under another type. A
 * mapping that finds nothing changes nothing; one whose value does not fit its field flags it.
 */
export function applyMappings(
  content: AlertContent,
  document: JsonObject,
  mappings: readonly FieldMapping[],
): { content: AlertContent; results: MappingResult[] } {
  if (mappings.length === 0) return { content, results: [] };
  const opened = openRaw(document);
  const alert = structuredClone(content);
  const results = mappings.map((mapping) => {
    const found = valuesAt(opened, mapping.path);
    return { path: mapping.path, found, produced: applyMapping(alert, mapping, found) };
  });
  return { content: alert, results };
}

/** The event as it came; of a message around a hit also the hit, which rules are written for. */
function openRaw(document: JsonObject): ElasticDocument[] {
  return [document, document["hit"]].filter(isObject).map((part) => openDocument(part));
}

function valuesAt(opened: readonly ElasticDocument[], at: string): unknown[] {
  for (const part of opened) {
    const found = part.values(at);
    if (found.length > 0) return found;
  }
  return [];
}

function applyMapping(alert: AlertContent, mapping: FieldMapping, found: unknown[]): string {
  if (found.length === 0) return "nothing found";
  if (mapping.field !== undefined) {
    const outcome = setField(alert, mapping.field, found);
    if ("produced" in outcome) return `${mapping.field} = ${outcome.produced}`;
    addFlags(alert, [`${mapping.path}: ${outcome.wrong}`]);
    return `nothing: ${outcome.wrong}`;
  }
  return mapping.artifact === undefined ? "nothing" : addArtifacts(alert, mapping, found);
}

function addArtifacts(alert: AlertContent, mapping: FieldMapping, found: unknown[]): string {
  const artifacts = new ArtifactSet();
  const role = mapping.role ?? "related";
  artifacts.add(mapping.artifact ?? "other", found, { field: mapping.path, role });
  addFlags(alert, artifacts.flags());
  const list = artifacts.list();
  alert.artifacts.push(...list.filter((artifact) => !alert.artifacts.some(sameAs(artifact))));
  if (list.length === 0) return "nothing: no usable value";
  return list.map(({ type, value }) => `${type} ${value}`).join(", ");
}

function sameAs(artifact: Artifact): (other: Artifact) => boolean {
  return ({ type, value, role }) =>
    type === artifact.type && value === artifact.value && role === artifact.role;
}

function addFlags(alert: AlertContent, flags: readonly string[]): void {
  alert.provenance.flags = unique([...alert.provenance.flags, ...flags]);
}
