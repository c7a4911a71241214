/** What the API asks the program to do. Reading goes through the ledger; these change something. */
import type { Exchange, Verdict } from "../../destinations/destination.ts";
import type { CreatedKey, NewKey } from "../../keys/key.ts";
import type { AuditReport } from "../../ledger/audit.ts";
import type { Selection } from "../../store/selection.ts";

export interface Commands {
  /** Puts deliveries back to pending; answers how many. */
  requeue(selection: Selection): Promise<number>;
  /**
   * Sends an item of the quarantine through the intake again, as it is or repaired. Rejects with
   * NOT_FOUND, or with BODY_UNREADABLE when it still cannot be read.
   */
  replayQuarantine(
    id: string,
    repaired?: Uint8Array,
  ): Promise<{ readonly accepted: number; readonly duplicates: number }>;
  createKey(wish: NewKey): Promise<CreatedKey>;
  /** Answers false when there is no such key or it has ended before. */
  revokeKey(id: string): Promise<boolean>;
  /** Sends a marked test message. Rejects with NOT_FOUND. */
  testDestination(
    name: string,
  ): Promise<{ readonly verdict: Verdict; readonly exchanges: readonly Exchange[] }>;
  /** @param since epoch milliseconds; null for all there is */
  audit(since: number | null): Promise<AuditReport>;
}
