/**
 * Whatever the configuration, the events and the faults: in the end the audit balances, every event has
 * its outcome, nothing waits for ever, and what is called delivered was seen by its peer.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/destinations/destination.ts";
import { auditData, type AuditReport } from "../../src/ledger/audit.ts";
import type { Database } from "../../src/sqlite/database.ts";
import type { Scene } from "../timeline/scene.ts";
import { PEERS, randomConfiguration, WRITE_BACK } from "./configuration.ts";
import { dice, seeds, type Dice } from "./dice.ts";
import { randomHappenings } from "./events.ts";
import { Faults } from "./faulty-store.ts";
import { happen, pathsOf, play, type Play } from "./play.ts";

const EVENTS = 60;
/** Long enough for every timer, and for every try again. */
const AFTERMATH_MS = 12 * 86_400_000;

const ANSWERS: readonly Verdict[] = [
  { kind: "delivered" },
  { kind: "retry", reason: "server_error", error: "500" },
  { kind: "retry", reason: "refused", error: "down" },
  { kind: "reject", reason: "rejected_by_peer", error: "400" },
];

/** Something goes wrong, or does not. */
async function fail(chance: Dice, { scene, nextFolder }: Play, faults: Faults): Promise<void> {
  if (chance.chance(0.1)) faults.arm("commit", chance.one(["before", "after"]));
  if (chance.chance(0.05)) faults.arm("settleNotices", chance.one(["before", "after"]));
  if (chance.chance(0.1))
    scene.script(chance.one([...PEERS, WRITE_BACK]), chance.some([...ANSWERS, ...ANSWERS]));
  for (let turns = chance.below(8); turns > 0; turns -= 1) await nextTurn();
  if (chance.chance(0.08)) await scene.crash(nextFolder());
  else if (chance.chance(0.05)) await scene.restart();
}

function audit(scene: Scene): AuditReport {
  return auditData(pathsOf(scene), { since: null, now: scene.clock.now() });
}

interface Delivered {
  readonly id: string;
  readonly destination: string;
}

/** Alerts that were delivered, by themselves or in a digest, and that the peer did not see. */
function unseen(scene: Scene): Delivered[] {
  const seen = new Set(
    scene.received.flatMap(({ to, told }) => told.map(({ id }) => `${to} ${id}`)),
  );
  let delivered: Delivered[] = [];
  scene.change((database) => (delivered = listDelivered(database)));
  return delivered.filter(({ id, destination }) => !seen.has(`${destination} ${id}`));
}

function listDelivered(database: Database): Delivered[] {
  return database.all<Delivered>(
    `SELECT alert.document ->> 'id' AS id, told.destination
     FROM deliveries AS told
       JOIN alerts AS alert ON alert.position = told.alert
       JOIN deliveries AS message ON message.id = coalesce(told.into_delivery, told.id)
     WHERE message.state = 'delivered'`,
  );
}

describe("whatever happens", () => {
  it.each(seeds(30))("everything is accounted for (seed %i)", async (seed) => {
    const chance = dice(seed);
    const yaml = randomConfiguration(chance);
    const faults = new Faults();
    const run = async (on: Play): Promise<void> => {
      const { scene, taken } = on;
      for (const happening of randomHappenings(chance, EVENTS, { coincide: true })) {
        await scene.runUntil(happening.at);
        await happen(on, happening);
        await fail(chance, on, faults);
      }
      await scene.settle();
      await scene.runUntil(scene.clock.now() + AFTERMATH_MS);
      const report = audit(scene);
      expect(report.gaps).toEqual([]);
      expect(report).toMatchObject({ balanced: true, decided_to: report.newest });
      expect(report.in_flight).toMatchObject({ entries: 0, deliveries: 0 });
      const own = report.sources.filter(({ name }) => name === "in" || name === "alerts");
      const sum = (count: (source: (typeof own)[number]) => number) =>
        own.reduce((total, source) => total + count(source), 0);
      expect(sum(({ received }) => received.items)).toBe(taken.length);
      expect(sum(({ received }) => received.quarantined)).toBe(0);
      const accepted = sum(({ received }) => received.accepted);
      expect(sum(({ outcomes }) => outcomes.quarantined)).toBe(0);
      expect(
        sum(
          ({ outcomes: { alert, updated, repeat, duplicate } }) =>
            alert + updated + repeat + duplicate,
        ),
      ).toBe(accepted);
      expect(new Set(taken).size).toBe(accepted);
      expect(unseen(scene)).toEqual([]);
    };
    await play(`seed ${seed}`, yaml, run, (store) => faults.wrap(store));
  });
});
