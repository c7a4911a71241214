/** The machine's clock is set back by ten hours: nothing waits until it gets there again. */
import { expect, it } from "vitest";
import { aLimit, aRoute, HOUR, MINUTE } from "./testing/builders.ts";
import { PaceLog } from "./testing/log.ts";

/** An alert that is told of at ten o'clock; what the clock shows then is midnight. */
function toldAtTen(changes: Parameters<typeof aRoute>[1]): PaceLog {
  const log = new PaceLog([aRoute("soc", changes)]);
  log.alert(1, 10 * HOUR);
  log.runTo(10 * HOUR + MINUTE);
  expect(log.told).toHaveLength(1);
  return log;
}

it("a group speaks again after its interval", () => {
  const log = toldAtTen({ group_by: ["title"] });
  log.alert(2, 0);
  log.runTo(HOUR);
  expect(log.told[1]).toBe("300s slack alert 2 first_notification");
});

it("a limit lets out what it would of a full bucket", () => {
  const log = toldAtTen({ limit: aLimit(1) });
  log.alert(2, 0);
  log.alert(3, 0);
  log.runTo(HOUR);
  expect(log.told.slice(1)).toEqual([
    "0s slack alert 2 first_notification",
    "60s slack alert 3 first_notification",
  ]);
});

it("an update comes after the time that it keeps", () => {
  const log = toldAtTen({ repeats: "update" });
  log.repeat(1, 0);
  log.runTo(HOUR);
  expect(log.told[1]).toBe("30s slack update 1 update_of_message");
});

it("a reminder comes after `repeat_every`", () => {
  const log = toldAtTen({ repeats: "remind" });
  log.repeat(1, 0);
  log.runTo(9 * HOUR);
  expect(log.told[1]).toBe("14400s slack reminder 1 reminder_due");
});
