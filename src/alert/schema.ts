/**
 * The alert: one normalised schema from which types, validation, JSON Schema and OpenAPI derive.
 * Names follow ECS where ECS has one; numbers follow OCSF.
 */
import { z } from "zod";
import { SEVERITIES } from "./severity.ts";

/** What an observable can be. A value that fits none of these is `other`, never thrown away. */
export const ARTIFACT_TYPES = [
  "ip",
  "domain",
  "hostname",
  "url",
  "email",
  "md5",
  "sha1",
  "sha256",
  "sha512",
  "account",
  "sid",
  "file_name",
  "file_path",
  "process",
  "command_line",
  "registry_key",
  "user_agent",
  "port",
  "mac",
  "asn",
  "cve",
  "other",
] as const;
export type ArtifactType = (typeof ARTIFACT_TYPES)[number];

/** The part an artifact played. */
export const ARTIFACT_ROLES = [
  "source",
  "destination",
  "actor",
  "target",
  "parent",
  "related",
] as const;
export type ArtifactRole = (typeof ARTIFACT_ROLES)[number];

export const artifactSchema = z.object({
  type: z.enum(ARTIFACT_TYPES),
  value: z.string().describe("Refanged and normalised where the type says so."),
  role: z.enum(ARTIFACT_ROLES),
  field: z.string().describe("The field of the source document it was found in."),
  flag: z.string().optional().describe("Why the value did not validate as its field suggested."),
});
export type Artifact = z.infer<typeof artifactSchema>;

const attackPart = z.object({ id: z.string(), name: z.string().nullable() });
export const attackSchema = z.object({
  tactic: attackPart.nullable(),
  technique: attackPart.nullable(),
  subtechnique: attackPart.nullable(),
});
export type Attack = z.infer<typeof attackSchema>;

const time = z.iso.datetime().describe("UTC, RFC 3339 with milliseconds.");

export const TLPS = ["clear", "green", "amber", "amber+strict", "red"] as const;
export const PAPS = ["clear", "green", "amber", "red"] as const;
export const STATUSES = ["new", "acknowledged", "closed"] as const;
export type Status = (typeof STATUSES)[number];

/** What people find an alert or a case to be. Vendors' own words may stand in an alert instead. */
export const VERDICTS = [
  "true_positive",
  "benign",
  "false_positive",
  "duplicate",
  "undetermined",
] as const;

/** What a source's `normalise` makes of one event: everything about the alert that is in it. */
export const alertContentSchema = z.object({
  source: z.object({
    name: z.string().describe("The source's name in the configuration."),
    kind: z.string().describe("The source's kind."),
    vendor: z.string(),
    product: z.string(),
    space: z.string().nullable().describe("Kibana space or tenant."),
  }),
  external: z.object({ id: z.string().nullable(), url: z.string().nullable() }),
  title: z.string(),
  description: z.string().nullable(),
  reason: z.string().nullable().describe("Why the rule fired, in the vendor's words."),
  severity: z.enum(SEVERITIES),
  severity_original: z.string().nullable(),
  risk_score: z.number().min(0).max(100).nullable(),
  status: z.enum(STATUSES),
  status_changed_at: time
    .nullable()
    .describe("When the status was set, as far as known; null for the one it came with."),
  verdict: z.string().nullable(),
  event_time: time.nullable().describe("When it happened; null when it could not be read."),
  detected_at: time.nullable().describe("When the detection raised it."),
  rule: z.object({
    id: z.string().nullable().describe("The stable signature id."),
    uuid: z.string().nullable().describe("The id of the rule object at the vendor."),
    name: z.string().nullable(),
    version: z.string().nullable(),
    tags: z.array(z.string()),
    url: z.string().nullable(),
    note: z.string().nullable(),
    references: z.array(z.string()),
  }),
  attack: z.array(attackSchema),
  artifacts: z.array(artifactSchema),
  tags: z.array(z.string()),
  tlp: z.enum(TLPS).nullable(),
  pap: z.enum(PAPS).nullable(),
  provenance: z.object({
    repaired: z.array(z.string()).describe("Repairs that made the body readable."),
    flags: z.array(z.string()).describe("What could not be read or was adapted, as `field: why`."),
  }),
});
export type AlertContent = z.infer<typeof alertContentSchema>;

export const traceStepSchema = z.object({
  stage: z.string(),
  outcome: z.string(),
  reason: z.string(),
  values: z.record(z.string(), z.unknown()).describe("What was compared."),
});
export type TraceStep = z.infer<typeof traceStepSchema>;

/** The whole alert, as the API answers it and destinations receive it. */
export const alertSchema = alertContentSchema.extend({
  id: z.string().length(26).describe("ULID; the same as the id of the event that opened it."),
  number: z.string().regex(/^ALR-\d{6,}$/),
  key: z.string().describe("The identity of the event that opened it."),
  received_at: time,
  entities: z.object({
    hosts: z.array(z.string()),
    users: z.array(z.string()),
    ips: z.array(z.string()),
  }),
  fingerprint: z.string().describe("What counts as the same thing happening again."),
  count: z.number().int().min(1),
  first_seen: time,
  last_seen: time,
  case_id: z.string().nullable(),
  follows: z.string().nullable().describe("Number of the closed alert that this one repeats."),
  parts: z
    .array(z.string())
    .describe("Of a match over several alerts, the ids of the events it was made of."),
});
export type Alert = z.infer<typeof alertSchema>;
