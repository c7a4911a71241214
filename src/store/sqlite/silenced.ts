/**
 * Which alerts each silence held back. It is kept beside the deliveries because these move on: told in
 * a digest, closed meanwhile or muted by something else, a delivery no longer says what held it first.
 */
import type { Position } from "../../pipeline/entry.ts";
import type { DeliveryId } from "../../pipeline/outcome.ts";
import type { Database } from "../../sqlite/database.ts";

/** Notes that a silence holds an alert back. */
export function insertSilenced(database: Database, silence: string, alert: Position): void {
  database.run(
    "INSERT INTO silenced (silence, alert) VALUES (?, ?) ON CONFLICT DO NOTHING",
    silence,
    alert,
  );
}

/** Notes that a silence holds back the alert of a delivery. */
export function insertSilencedDelivery(
  database: Database,
  silence: string,
  delivery: DeliveryId,
): void {
  database.run(
    `INSERT INTO silenced (silence, alert) SELECT ?, alert FROM deliveries WHERE id = ?
     ON CONFLICT DO NOTHING`,
    silence,
    delivery,
  );
}
