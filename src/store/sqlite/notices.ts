/** Alerts of Tocsin's own on their way into the stream. */
import type { Database } from "../../sqlite/database.ts";
import type { Notice, RaisedNotice } from "../store.ts";

/** Raises a notice; one that is open stays as it is. */
export function insertNotice(database: Database, notice: Notice, now: number): void {
  database.run(
    "INSERT INTO notices (key, body, raised_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    notice.key,
    JSON.stringify(notice.body),
    now,
  );
}

/** Notices that the stream has not taken yet. */
export function listUnsettledNotices(database: Database): RaisedNotice[] {
  return database
    .all<{ key: string; body: string; raised_at: number }>(
      "SELECT key, body, raised_at FROM notices WHERE settled_at IS NULL",
    )
    .map(({ body, ...notice }) => ({ ...notice, body: JSON.parse(body) as Notice["body"] }));
}

/** Marks a notice as taken by the stream. */
export function settleNotice(database: Database, key: string): void {
  database.run("UPDATE notices SET settled_at = raised_at WHERE key = ?", key);
}

/** Whether a notice is open. */
export function hasNotice(database: Database, key: string): boolean {
  return (
    database.get("SELECT 1 FROM notices WHERE key = ? AND settled_at IS NOT NULL", key) !==
    undefined
  );
}

/** Closes a notice. */
export function deleteNotice(database: Database, key: string): void {
  database.run("DELETE FROM notices WHERE key = ? AND settled_at IS NOT NULL", key);
}
