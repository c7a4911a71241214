/** Which of the cases that an alert's keys lead to takes it. */
import { caseId, caseNumber, isOpen, type Case } from "../../case/case.ts";
import type { CasePolicy } from "../policies.ts";
import type { StateView } from "../state.ts";
import { isWithin } from "../time.ts";
import type { CaseKey } from "./case-keys.ts";

/**
 * So many cases of a key are tried, each with the one it follows behind it: an older one may have
 * been reopened, or an alert that comes late may have opened the newest.
 */
const MAX_BACK = 5;

/** The policy that takes an alert, and the alert's keys by it. */
export interface Claim {
  readonly policy: CasePolicy;
  readonly keys: readonly CaseKey[];
  /** When the alert happened; epoch milliseconds. */
  readonly at: number;
}

/** A case that some of the keys lead to, as it is now. */
export interface Candidate {
  readonly known: Case;
  readonly keys: readonly CaseKey[];
  /** Why it takes no alert; null when it does. */
  readonly refusal: "case_closed" | "outside_window" | "case_full" | null;
}

/** Finds cases and notes which were looked for, so that they can be asked for. */
export class CaseFinder {
  readonly asked = new Set<number>();
  readonly #state: StateView;

  constructor(state: StateView) {
    this.#state = state;
  }

  /** The case, or the one that took its alerts over; undefined when it is gone. */
  present(id: string): Case | undefined {
    const passed = new Set<string>();
    let found: Case | undefined;
    for (let next: string | null = id; next !== null && !passed.has(next);) {
      passed.add(next);
      found = this.#find(next);
      next = found?.merged_into ?? null;
    }
    return found;
  }

  /** Those that the keys lead to, the newest first; of each key up to the first that takes the alert. */
  candidates({ policy, keys, at }: Claim): Candidate[] {
    const found = new Map<number, Candidate>();
    for (const key of keys) {
      for (const known of this.#casesOf(key)) {
        const refusal = refusalOf(known, policy, at);
        const before = found.get(known.number)?.keys ?? [];
        found.set(known.number, { known, refusal, keys: [...new Set([...before, key])] });
        if (refusal === null) break;
      }
    }
    return [...found.values()].toSorted((a, b) => b.known.number - a.known.number);
  }

  /** The newest case of a key, then the ones it follows. */
  *#casesOf({ cell }: CaseKey): Generator<Case> {
    const newest = this.#state.cell("case", cell)?.value.case;
    let id = newest === undefined ? null : caseId(newest);
    for (let count = 0; id !== null && count < MAX_BACK; count += 1) {
      const known = this.present(id);
      if (known) yield known;
      id = this.#find(id)?.follows ?? null;
    }
  }

  #find(id: string): Case | undefined {
    const number = caseNumber(id);
    if (number === null) return undefined;
    this.asked.add(number);
    return this.#state.case(number);
  }
}

function refusalOf(known: Case, policy: CasePolicy, at: number): Candidate["refusal"] {
  if (!isOpen(known)) return "case_closed";
  const span = { first: Date.parse(known.first_alert_at), last: Date.parse(known.last_alert_at) };
  if (!isWithin(at, span, policy.window)) return "outside_window";
  return known.alert_count < policy.max_alerts ? null : "case_full";
}
