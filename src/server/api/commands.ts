/** What the API asks the program to do. Reading goes through the ledger; these change something. */
import type { Asked, Changed, ChangeKind } from "../../app/changes/change.ts";
import type { RenderAsked } from "../../app/render.ts";
import type { Exchange, Shown, Verdict } from "../../destinations/destination.ts";
import type { CreatedKey, NewKey } from "../../keys/key.ts";
import type { AuditReport } from "../../ledger/audit.ts";
import type { Selection } from "../../store/selection.ts";

export interface Commands {
  /**
   * Changes alerts, cases, policies or silences on behalf of `who`. Rejects with NOT_FOUND, REQUEST_INVALID or
   * CONFLICT; then nothing has changed.
   */
  change<Kind extends ChangeKind>(
    kind: Kind,
    asked: Asked<Kind>,
    who: string,
  ): Promise<Changed<Kind>>;
  /** Puts deliveries back to pending; answers how many. */
  requeue(selection: Selection, who: string): Promise<number>;
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
  /** What a destination would be sent about an alert. Rejects with NOT_FOUND or TEMPLATE_INVALID. */
  render(destination: string, asked: RenderAsked): Promise<Shown>;
  /** @param since epoch milliseconds; null for all there is */
  audit(since: number | null): Promise<AuditReport>;
}
