/** The later links of the chain: from outcomes to alerts, deliveries and attempts. */
import { DELIVERY_STATES } from "../pipeline/outcome.ts";
import { named, select, type Check } from "./audit-check.ts";
import { OUTCOMES } from "./events.ts";

const outcomesAreKnown: Check = (database, { since, low }) =>
  select<{ position: number; outcome: string }>(
    database,
    "outcome_unknown",
    `SELECT position, outcome FROM main.events
     WHERE position >= ? AND received_at >= ?
       AND outcome NOT IN (${OUTCOMES.map((outcome) => `'${outcome}'`).join(", ")})`,
    [low, since],
    (row) => ({ ...named(database, row), detail: `its outcome is "${row.outcome}"` }),
  );

/** What opened, updated or repeats an alert points at one that is there. */
const outcomesHaveAlert: Check = (database, { since, low }) =>
  select<{ position: number; outcome: string; alert: number | null }>(
    database,
    "alert_missing",
    `SELECT position, outcome, alert FROM main.events AS v
     WHERE position >= ? AND received_at >= ? AND outcome <> 'quarantined'
       AND NOT EXISTS (SELECT 1 FROM main.alerts AS a WHERE a.position = v.alert)`,
    [low, since],
    (row) => ({
      ...named(database, row),
      detail: `its outcome is "${row.outcome}", and the alert at ${row.alert ?? "no position"} is not there`,
    }),
  );

const alertsHaveEvent: Check = (database, { since, low }) =>
  select<{ position: number }>(
    database,
    "alert_without_event",
    `SELECT position FROM main.alerts AS a
     WHERE position >= ? AND received_at >= ? AND NOT EXISTS (
       SELECT 1 FROM main.events AS v WHERE v.position = a.position AND v.outcome = 'alert')`,
    [low, since],
    (row) => ({ ...named(database, row), detail: "no event is recorded as having opened it" }),
  );

/**
 * What the route stage planned, by the alert's own trace: `values.deliveries` of every step of the
 * stage `route`.
 */
const PLANNED = `SELECT a.position AS alert, plan.value ->> 'destination' AS destination
  FROM main.alerts AS a, json_each(a.trace) AS step,
    json_each(step.value, '$.values.deliveries') AS plan
  WHERE a.position >= ?1 AND a.received_at >= ?2 AND step.value ->> 'stage' = 'route'`;

/** Every destination that an alert was meant for has its first delivery. The table's key sees to "one". */
const plansHaveDelivery: Check = (database, { since, low }) =>
  select<{ position: number; destination: string }>(
    database,
    "delivery_missing",
    `SELECT alert AS position, destination FROM (${PLANNED}) AS p
     WHERE NOT EXISTS (SELECT 1 FROM main.deliveries AS d
       WHERE d.alert = p.alert AND d.destination = p.destination AND d.sequence = 0)`,
    [low, since],
    (row) => ({
      ...named(database, row),
      detail: `it was routed to ${row.destination}, and has no delivery there`,
    }),
  );

/**
 * A first delivery that no route asked for; what no route took has none. A status is written back
 * because somebody changed it.
 */
const deliveriesArePlanned: Check = (database, { since, low }) =>
  select<{ id: number; position: number; destination: string }>(
    database,
    "delivery_unplanned",
    `SELECT d.id, d.alert AS position, d.destination
     FROM main.deliveries AS d JOIN main.alerts AS a ON a.position = d.alert
     WHERE d.alert >= ? AND d.sequence = 0 AND d.kind <> 'status' AND a.received_at >= ? AND NOT EXISTS (
       SELECT 1 FROM json_each(a.trace) AS step,
         json_each(step.value, '$.values.deliveries') AS plan
       WHERE step.value ->> 'stage' = 'route' AND plan.value ->> 'destination' = d.destination)`,
    [low, since],
    (row) => ({
      id: String(row.id),
      position: row.position,
      detail: `no route sent its alert to ${row.destination}`,
    }),
  );

/** Reminders and updates go where the alert itself went. */
const laterFollowFirst: Check = (database, { low }) =>
  select<{ id: number; position: number; destination: string; kind: string }>(
    database,
    "delivery_unplanned",
    `SELECT id, alert AS position, destination, kind FROM main.deliveries AS d
     WHERE alert >= ? AND sequence > 0 AND NOT EXISTS (
       SELECT 1 FROM main.deliveries AS first
       WHERE first.alert = d.alert AND first.destination = d.destination AND first.sequence = 0)`,
    [low],
    (row) => ({
      id: String(row.id),
      position: row.position,
      detail: `a delivery of kind ${row.kind} to ${row.destination}, where its alert never went`,
    }),
  );

const deliveriesHaveAlert: Check = (database) =>
  select<{ id: number; position: number; destination: string }>(
    database,
    "delivery_without_alert",
    `SELECT id, alert AS position, destination FROM main.deliveries AS d
     WHERE NOT EXISTS (SELECT 1 FROM main.alerts AS a WHERE a.position = d.alert)`,
    [],
    (row) => ({
      id: String(row.id),
      position: row.position,
      detail: `a delivery to ${row.destination} whose alert is not there`,
    }),
  );

const statesAreKnown: Check = (database) =>
  select<{ id: number; position: number; state: string }>(
    database,
    "delivery_state_unknown",
    `SELECT id, alert AS position, state FROM main.deliveries
     WHERE state NOT IN (${DELIVERY_STATES.map((state) => `'${state}'`).join(", ")})`,
    [],
    (row) => ({
      id: String(row.id),
      position: row.position,
      detail: `its state is "${row.state}"`,
    }),
  );

/** Nothing is called delivered but by an attempt that was. Retention keeps that attempt. */
const deliveredWasSent: Check = (database, { since, low }) =>
  select<{ id: number; position: number; destination: string }>(
    database,
    "delivered_without_attempt",
    `SELECT d.id, d.alert AS position, d.destination
     FROM main.deliveries AS d JOIN main.events AS v ON v.position = d.alert
     WHERE d.alert >= ? AND d.state = 'delivered' AND v.received_at >= ? AND NOT EXISTS (
       SELECT 1 FROM main.attempts AS t WHERE t.delivery = d.id AND t.verdict = 'delivered')`,
    [low, since],
    (row) => ({
      id: String(row.id),
      position: row.position,
      detail: `it counts as delivered to ${row.destination}, and no attempt delivered it`,
    }),
  );

export const STORE_CHECKS: readonly Check[] = [
  outcomesAreKnown,
  outcomesHaveAlert,
  alertsHaveEvent,
  plansHaveDelivery,
  deliveriesArePlanned,
  laterFollowFirst,
  deliveriesHaveAlert,
  statesAreKnown,
  deliveredWasSent,
];
