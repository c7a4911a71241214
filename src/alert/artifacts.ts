import { type AskedType, PARSERS } from "./observables.ts";
import type { Artifact, ArtifactRole } from "./schema.ts";

/** Artifacts an alert may carry. More than this is a report, not an alert; its raw form keeps all. */
export const MAX_ARTIFACTS = 1000;
const MAX_LENGTH = 64 * 1024;

/** What vendors write where they have no value. 0.0.0.0 is not among them: it is an address. */
const PLACEHOLDERS = new Set(["", "-", "--", "n/a", "null", "(null)", "undefined", "none"]);

/** Where a value was found and the part it played there; `related` when not said. */
export interface ArtifactPlace {
  readonly field: string;
  readonly role?: ArtifactRole;
}

/**
 * Collects the artifacts of one alert. Arrays fan out, numbers become text, placeholders are
 * skipped; each value is parsed as the asked type. What does not parse is kept as `other` with a
 * flag. The same type, value and role is kept once, with the first field it was found in; a value
 * that already plays a part is not kept again as merely `related`.
 */
export class ArtifactSet {
  readonly #found = new Map<string, Artifact>();
  readonly #known = new Set<string>();
  readonly #flags = new Set<string>();

  /**
   * Adds a value or an array of values. `hash` becomes the hash of that length, `host` an ip or
   * hostname, `address` an ip or domain. At most 1,000 artifacts of 65,536 characters; what goes
   * beyond is flagged.
   */
  add(type: AskedType, value: unknown, at: ArtifactPlace): void {
    if (Array.isArray(value)) {
      for (const item of value) this.add(type, item, at);
    } else if (typeof value === "string") {
      this.#addText(type, value, at);
    } else if (typeof value === "number") {
      this.#addText(type, String(value), at);
    } else if (typeof value === "object" && value !== null) {
      this.#flags.add(`${at.field}: not a scalar`);
    }
  }

  /** The artifacts, in the order they were found. */
  list(): Artifact[] {
    return [...this.#found.values()];
  }

  /** What could not be taken as it was, as `field: why`. */
  flags(): string[] {
    return [...this.#flags];
  }

  #addText(type: AskedType, raw: string, at: ArtifactPlace): void {
    const text = this.#trim(raw, at.field);
    if (text.length <= 9 && PLACEHOLDERS.has(text.toLowerCase())) return;
    if (this.#found.size >= MAX_ARTIFACTS) {
      this.#flags.add(`artifacts: more than ${MAX_ARTIFACTS}, the rest is in the raw event only`);
      return;
    }
    const role = at.role ?? "related";
    const parsed = PARSERS[type](text);
    if (!("wrong" in parsed)) {
      this.#keep({ type: parsed.type, value: parsed.value, role, field: at.field });
      return;
    }
    this.#flags.add(`${at.field}: ${parsed.wrong}`);
    this.#keep({ type: "other", value: text, role, field: at.field, flag: parsed.wrong });
  }

  #trim(raw: string, field: string): string {
    // U+0000 ends a text in SQLite and is part of no observable.
    const text = (raw.includes("\0") ? raw.replaceAll("\0", "") : raw).trim();
    if (text.length <= MAX_LENGTH) return text;
    this.#flags.add(`${field}: cut to ${MAX_LENGTH} characters`);
    return text.slice(0, MAX_LENGTH);
  }

  #keep(artifact: Artifact): void {
    const thing = `${artifact.type}\n${artifact.value}`;
    const key = `${artifact.role}\n${thing}`;
    if (artifact.role === "related" ? this.#known.has(thing) : this.#found.has(key)) return;
    this.#known.add(thing);
    this.#found.set(key, artifact);
  }
}
