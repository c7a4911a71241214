/** Links between what is stored: from what waits to its timer, from digests, alerts and cases to their parts. */
import { caseId } from "../case/case.ts";
import type { Database } from "../sqlite/database.ts";
import { foundIn, named, select, type Check } from "./audit-check.ts";

/** What waits for a timer has one: a cell of the name that it carries, due at some time. */
const heldHaveTimer: Check = (database) =>
  select<{ id: number; position: number; destination: string; hold: string }>(
    database,
    "held_without_timer",
    `SELECT id, alert AS position, destination, hold
     FROM main.deliveries AS d INDEXED BY deliveries_hold
     WHERE hold IS NOT NULL AND state = 'pending' AND NOT EXISTS (
       SELECT 1 FROM main.decision_state AS c
       WHERE c.stage = substr(d.hold, 1, instr(d.hold, ':') - 1)
         AND c.key = substr(d.hold, instr(d.hold, ':') + 1) AND c.due_at IS NOT NULL)`,
    [],
    (row) => ({
      id: String(row.id),
      position: row.position,
      detail: `it waits for ${row.hold} before it goes to ${row.destination}, and no timer is set`,
    }),
  );

/** What was folded is told by a delivery that is not itself folded. */
const foldedHaveCarrier: Check = (database) =>
  select<{ id: number; position: number; carrier: number; state: string | null }>(
    database,
    "folded_without_carrier",
    `SELECT d.id, d.alert AS position, d.into_delivery AS carrier, c.state
     FROM main.deliveries AS d INDEXED BY deliveries_into
       LEFT JOIN main.deliveries AS c ON c.id = d.into_delivery
     WHERE d.into_delivery IS NOT NULL AND (c.id IS NULL OR c.state = 'folded')`,
    [],
    (row) => ({
      id: String(row.id),
      position: row.position,
      detail: `it was folded into delivery ${row.carrier}, which is ${row.state === null ? "not there" : "folded itself"}`,
    }),
  );

interface Counted {
  readonly position: number;
  /** What the alert says, and what is recorded. */
  readonly counted: number;
  readonly recorded: number;
}

/** An alert counts the event that opened it and its repeats. */
const countsAreRight: Check = (database, { since, low, cursor }) => {
  const different = database.all<Counted>(
    `SELECT a.position, a.document ->> 'count' AS counted, 1 + coalesce(r.found, 0) AS recorded
     FROM main.alerts AS a LEFT JOIN (
       SELECT alert, count(*) AS found FROM main.events
       WHERE position >= ?1 AND outcome = 'repeat' GROUP BY alert) AS r ON r.alert = a.position
     WHERE a.position >= ?1 AND a.received_at >= ?2 AND counted <> recorded
     ORDER BY a.position DESC`,
    low,
    since,
  );
  return foundIn("count_mismatch", unexplained(database, different, cursor), (row) => ({
    ...named(database, row),
    detail: `it counts ${row.counted} events, and ${row.recorded} are recorded`,
  }));
};

/**
 * Those whose repeats are not gone with retention: it can have taken at most as many as there are
 * positions without an outcome behind the alert, for positions are given without a break. Rows come
 * the newest first, so that every event is counted once.
 */
function unexplained(database: Database, rows: readonly Counted[], cursor: number): Counted[] {
  let [end, present] = [cursor, 0];
  return rows.filter(({ position, counted, recorded }) => {
    present += countEvents(database, position, end);
    end = position;
    const gone = cursor - position - present;
    return counted < recorded || counted - recorded > gone;
  });
}

function countEvents(database: Database, after: number, upTo: number): number {
  const sql = "SELECT count(*) AS found FROM main.events WHERE position > ? AND position <= ?";
  return database.get<{ found: number }>(sql, after, upTo)?.found ?? 0;
}

const alertsHaveCase: Check = (database) =>
  select<{ position: number; number: number }>(
    database,
    "case_mismatch",
    `SELECT position, case_number AS number FROM main.alerts AS a INDEXED BY alerts_case
     WHERE case_number IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM main.cases AS c WHERE c.number = a.case_number)`,
    [],
    (row) => ({
      ...named(database, row),
      detail: `it is in ${caseId(row.number)}, which is not there`,
    }),
  );

/**
 * A case counts the alerts that name it. Those that retention took are still in its timeline, or in
 * that of a case that was merged into it.
 */
const casesCountAlerts: Check = (database) =>
  select<{ number: number; counted: number; present: number }>(
    database,
    "case_mismatch",
    `SELECT number, counted, present FROM (
       SELECT number, document ->> 'alert_count' AS counted,
         (SELECT count(*) FROM main.alerts AS a WHERE a.case_number = c.number) AS present
       FROM main.cases AS c) AS one
     WHERE counted < present OR (counted > present AND counted - present > (
       WITH RECURSIVE family (member) AS (
         SELECT one.number
         UNION SELECT CAST(substr(t.detail ->> 'from', 6) AS INTEGER)
         FROM family JOIN main.case_timeline AS t ON t.case_number = member
         WHERE t.kind = 'merged' AND t.detail ->> 'from' IS NOT NULL)
       SELECT count(DISTINCT t.detail ->> 'alert')
       FROM family JOIN main.case_timeline AS t ON t.case_number = member
       WHERE t.kind = 'alert_added' AND NOT EXISTS (
         SELECT 1 FROM main.events AS v
         WHERE v.position = CAST(substr(t.detail ->> 'alert', 5) AS INTEGER))))`,
    [],
    ({ number, counted, present }) => ({
      id: caseId(number),
      position: null,
      detail: `it counts ${counted} alerts, and ${present} name it`,
    }),
  );

export const LINK_CHECKS: readonly Check[] = [
  heldHaveTimer,
  foldedHaveCarrier,
  countsAreRight,
  alertsHaveCase,
  casesCountAlerts,
];
