/**
 * An alert as TheHive knows it, before anything that differs between its versions: names in the place of
 * numbers, lists in the place of each version's own form. `body.ts` writes it down for one version.
 */
import type { PAPS, Status, TLPS } from "../../alert/schema.ts";

export type Tlp = (typeof TLPS)[number];
export type Pap = (typeof PAPS)[number];

/**
 * How much TheHive takes. Limits of TheHive 5, which says them; 4 enforces none but has the same columns.
 * https://docs.strangebee.com/thehive/api-docs/ (`InputCreateAlert`, `InputCreateObservable`)
 */
export const LIMITS = {
  type: 32,
  source: 32,
  sourceRef: 128,
  externalLink: 4096,
  title: 512,
  tag: 128,
  data: 4096,
  customFieldName: 64,
  status: 64,
  /**
   * Ours: TheHive 5 takes 1,048,576 characters, but a case collects the descriptions of all its alerts
   * under the same limit, and nobody reads so much.
   */
  description: 16_384,
  /** Ours: what no analyst looks at any more. */
  tags: 100,
} as const;

/** The types of observables that every TheHive comes with, and that artifacts become. */
export const DATA_TYPES = [
  "ip",
  "domain",
  "fqdn",
  "hostname",
  "url",
  "mail",
  "hash",
  "filename",
  "registry",
  "user-agent",
  "autonomous-system",
  "other",
] as const;
export type DataType = (typeof DATA_TYPES)[number];

export interface Observable {
  readonly dataType: DataType;
  readonly data: string;
  /** Where it was found. */
  readonly message: string;
  readonly tags: readonly string[];
}

export const FIELD_TYPES = ["string", "integer", "float", "boolean", "date"] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** A date is in epoch milliseconds. */
export interface CustomField {
  readonly name: string;
  readonly type: FieldType;
  readonly value: string | number | boolean;
}

/** What identifies an alert at TheHive, which has it once in an organisation. */
export interface Identity {
  readonly type: string;
  readonly source: string;
  readonly sourceRef: string;
}

export interface HiveAlert extends Identity {
  readonly externalLink: string | undefined;
  readonly title: string;
  /** Markdown, without notes about what was left out. */
  readonly description: string;
  /** 1 low, 2 medium, 3 high, 4 critical. */
  readonly severity: number;
  /** Epoch milliseconds. */
  readonly date: number;
  readonly tags: readonly string[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly customFields: readonly CustomField[];
  readonly observables: readonly Observable[];
  /** Artifacts that cannot be observables because they are too long. */
  readonly tooLong: number;
  /** Ids of ATT&CK techniques and sub-techniques. */
  readonly techniques: readonly string[];
  /** How the alert stands in Tocsin. */
  readonly status: Status;
  /** Whether it tells of several alerts. */
  readonly isDigest: boolean;
  /** Title of the case that it belongs into; null for none. */
  readonly caseTitle: string | null;
}

/** Tags that say how an alert stands in Tocsin; those of another status are taken away by an update. */
export const STATUS_TAGS: Readonly<Record<Status, string | null>> = {
  new: null,
  acknowledged: "tocsin:acknowledged",
  closed: "tocsin:closed",
};
