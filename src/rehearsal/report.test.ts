import { beforeEach, describe, expect, it } from "vitest";
import type { Decision } from "../pipeline/decide.ts";
import type { Position } from "../pipeline/entry.ts";
import type { DeliveryId } from "../pipeline/outcome.ts";
import { aDecision, aDelivery, anEvent } from "../pipeline/testing/builders.ts";
import { aTimer, following } from "../store/testing/builders.ts";
import type { SentMessage } from "./message.ts";
import { comparisonSchema, rehearsalReportSchema, RehearsalTally } from "./report.ts";

const NOON = Date.parse("2026-03-02T12:00:00Z");
const MINUTE = 60_000;

let tally: RehearsalTally;
beforeEach(() => {
  tally = new RehearsalTally();
});

function aMessage(at: number, destination: string, ...positions: number[]): SentMessage {
  const alerts = positions.map((position) => ({
    position: position as Position,
    id: `id-${position}`,
    number: `ALR-${position}`,
    title: "A",
    severity: "high" as const,
    count: 1,
  }));
  return { at, destination, route: "r", kind: "alert", reason: "first_notification", alerts };
}

/** A tally of these decisions and of messages that reached the alerts at these positions. */
function tallyOf(decisions: readonly Decision[], ...reached: number[]): RehearsalTally {
  const made = new RehearsalTally();
  made.noteRan({ decisions, timers: [] });
  for (const position of reached) made.noteMessage(aMessage(NOON, "d", position));
  return made;
}

describe("a report", () => {
  it("counts messages and what they told of, by destination and hour", () => {
    tally.noteMessage(aMessage(NOON, "soc", 1, 2, 3));
    tally.noteMessage(aMessage(NOON + 59 * MINUTE, "soc", 4));
    tally.noteMessage(aMessage(NOON + 60 * MINUTE, "soc", 5));
    tally.noteMessage(aMessage(NOON - 1, "pager", 1));
    const report = tally.report();
    expect(report.messages).toBe(4);
    expect(report.destinations).toEqual([
      {
        name: "pager",
        messages: 1,
        alerts: 1,
        hours: [{ hour: "2026-03-02T11:00:00.000Z", messages: 1 }],
      },
      {
        name: "soc",
        messages: 3,
        alerts: 5,
        hours: [
          { hour: "2026-03-02T12:00:00.000Z", messages: 2 },
          { hour: "2026-03-02T13:00:00.000Z", messages: 1 },
        ],
      },
    ]);
    expect(rehearsalReportSchema.parse(report)).toEqual(report);
  });

  it("has the hours in their order, however messages came", () => {
    for (const hour of [3, 1, 2]) tally.noteMessage(aMessage(NOON + hour * 60 * MINUTE, "d", 1));
    const hours = tally.report().destinations[0]?.hours.map(({ hour }) => hour.slice(11, 13));
    expect(hours).toEqual(["13", "14", "15"]);
  });

  it("counts outcomes, and what was suppressed at once and later", () => {
    const muted = aDelivery("d", { state: "suppressed", reason: "silence" });
    const first = aDecision(1, [muted, aDelivery("e")]);
    const move = { id: 1 as DeliveryId, to: "suppress", hold: null, cause: null } as const;
    tally.noteRan({
      decisions: [first, following(2, first, "repeat"), aDecision(3)],
      timers: [aTimer(NOON, { moves: [{ ...move, reason: "closed_meanwhile" }] })],
    });
    expect(tally.report()).toMatchObject({
      entries: 3,
      outcomes: { alert: 2, repeat: 1 },
      suppressed: { silence: 1, closed_meanwhile: 1 },
    });
  });

  it("counts the events that nobody is told of, by the alert that they became part of", () => {
    const [told, untold] = [aDecision(1), aDecision(2)];
    const decisions = [told, untold, following(3, told, "repeat"), following(4, untold, "updated")];
    expect(tallyOf(decisions, 1).report().unreached).toBe(2);
  });
});

describe("a comparison", () => {
  const three = [1, 2, 3].map((position) => aDecision(position));

  it("names the events that would reach nobody any more, and counts those that would now", () => {
    const comparison = tallyOf(three, 1, 2).compare(tallyOf(three, 2, 3));
    expect(comparison).toMatchObject({ lost: 1, gained: 1 });
    expect(comparison.lost_events).toEqual([
      {
        id: three[0]?.event?.id,
        number: "ALR-000001",
        title: "Something happened",
        severity: "high",
      },
    ]);
    expect(comparisonSchema.parse(comparison)).toEqual(comparison);
  });

  it("does not take an event for lost that is now a repeat of an alert that is told of", () => {
    const [first, second] = three;
    if (!first || !second) return expect.unreachable("no decisions");
    const after = tallyOf([first, following(2, first, "repeat")], 1);
    expect(tallyOf([first, second], 1, 2).compare(after).lost).toBe(0);
  });

  it("shows a hundred of those that are lost, and counts all", () => {
    const many = Array.from({ length: 130 }, (_, index) => aDecision(index + 1));
    const reached = many.map(({ entry }) => Number(entry.position));
    const comparison = tallyOf(many, ...reached).compare(tallyOf(many));
    expect(comparison.lost).toBe(130);
    expect(comparison.lost_events).toHaveLength(100);
  });

  it("leaves out what Tocsin raised itself: it may not be there on the other side", () => {
    const own = { ...aDecision(9), entry: { ...anEvent(9), receipt: 0 } };
    expect(tallyOf([own], 9).compare(tallyOf([])).lost).toBe(0);
  });

  it("sets side by side what each destination gets, also one that is there on one side only", () => {
    const [before, after] = [new RehearsalTally(), new RehearsalTally()];
    before.noteMessage(aMessage(NOON, "old", 1));
    for (const at of [1, 2, 3]) before.noteMessage(aMessage(NOON + at, "soc", 1));
    after.noteMessage(aMessage(NOON, "soc", 1));
    after.noteMessage(aMessage(NOON, "new", 1));
    expect(before.compare(after).destinations).toEqual([
      { name: "new", before: 0, after: 1, difference: 1 },
      { name: "old", before: 1, after: 0, difference: -1 },
      { name: "soc", before: 3, after: 1, difference: -2 },
    ]);
  });
});
