/** Alerts of Tocsin's own on their way into the stream, in the order in which they were raised. */
import type { Database } from "../../sqlite/database.ts";
import type { Notice, RaisedNotice } from "../store.ts";

/** Raises a notice; one that is open stays as it is. */
export function insertNotice(database: Database, notice: Notice, raisedAt: number): void {
  database.run(
    `INSERT INTO notices (key, source, body, raised_at, ordinal)
     SELECT ?, ?, ?, ?, coalesce(max(ordinal), 0) + 1 FROM notices WHERE true
     ON CONFLICT DO NOTHING`,
    notice.key,
    notice.source,
    JSON.stringify(notice.body),
    raisedAt,
  );
}

/** Notices that the stream has not taken yet. */
export function listUnsettledNotices(database: Database): RaisedNotice[] {
  return database
    .all<Omit<RaisedNotice, "body"> & { body: string }>(
      `SELECT source, key, body, raised_at FROM notices
       WHERE settled_at IS NULL ORDER BY ordinal`,
    )
    .map(({ body, ...notice }) => ({ ...notice, body: JSON.parse(body) as Notice["body"] }));
}

/** Takes note that the stream has a notice: one to operators is open from now on, a match is done with. */
export function settleNotice(database: Database, key: string): void {
  database.run("DELETE FROM notices WHERE key = ? AND source = 'correlate'", key);
  database.run("UPDATE notices SET settled_at = raised_at WHERE key = ?", key);
}

/** Whether a notice was raised and is not closed. */
export function hasNotice(database: Database, key: string): boolean {
  return database.get("SELECT 1 FROM notices WHERE key = ?", key) !== undefined;
}

/** Closes a notice; false when the stream does not have it yet, for then nobody was told. */
export function deleteNotice(database: Database, key: string): boolean {
  const sql = "DELETE FROM notices WHERE key = ? AND settled_at IS NOT NULL";
  return database.run(sql, key).changes > 0;
}
