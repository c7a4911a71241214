import { describe, expect, it } from "vitest";
import { alertAt, caseOf, countDeliveries, happens, isoAt, on, setStatus } from "./events.ts";
import { timeline, type Line } from "./timeline.ts";

/** Policies stand before the routes; the one route has what is given. */
function configuration(route: string, policies = ""): string {
  return `
sources: { in: { kind: generic } }
destinations: { soc: { kind: log } }
calendars: { office: { time_zone: Europe/Berlin, open: ["mon-fri 08:00-18:00"] } }
${policies}
routes: [{ name: soc, match: "severity >= low", to: [soc], ${route} }]
`;
}

const GROUP = "group_by: [rule.name], group_wait: 30s, group_interval: 5m";
const FOLD = `fold: [{ name: same, match: "fold : *", by: [fold], window: 12h }]`;
const INHIBIT = `inhibit: [{ name: isolated, while: "isolated : *", mute: "severity : low", equal: [host.name] }]`;
const CASES = `cases: [{ name: by-host, group_by: [host.name] }]`;
const silenced = (from: string, until: string, rest = "") =>
  `silences: [{ name: work, match: "host.name : h", from: "${isoAt(from)}", until: "${isoAt(until)}", comment: work${rest} }]`;
const DIGEST = ", at_end: digest";

const event = (line: Line, at: string, title: string, fields = {}) =>
  happens(line, at, title, { severity: "low", "host.name": "h", "rule.name": "R", ...fields });
const tells = (line: Line, at: string, title: string, rest = {}) =>
  line.want(at, { to: "soc", title, ...rest });
const reminder = { kind: "reminder" } as const;
const update = { kind: "update" } as const;

describe("silence × group", () => {
  it("that begins inside group_wait hides what waits", () =>
    timeline(configuration(GROUP, silenced("10s", "1h")), (line) => {
      event(line, "0s", "A");
      event(line, "5s", "other host", { "host.name": "i" });
      event(line, "20s", "B");
      tells(line, "30s", "other host");
    }));

  it("that begins inside group_wait tells of it at its end, when it says so", () =>
    timeline(configuration(GROUP, silenced("10s", "1h", DIGEST)), (line) => {
      event(line, "0s", "A");
      event(line, "20s", "B");
      tells(line, "1h", "A", { alerts: 2 });
    }));

  it("that ends inside group_wait hides what came in it only", () =>
    timeline(configuration(GROUP, silenced("0s", "20s")), (line) => {
      event(line, "0s", "hidden", { "host.name": "h" });
      event(line, "5s", "other host", { "host.name": "i" });
      event(line, "25s", "B");
      tells(line, "35s", "other host", { alerts: 2 });
    }));

  it("that ends inside group_wait tells at its end, and the group when its wait is over", () =>
    timeline(configuration(GROUP, silenced("0s", "20s", DIGEST)), (line) => {
      event(line, "0s", "A");
      event(line, "5s", "other host", { "host.name": "i" });
      event(line, "25s", "B");
      tells(line, "20s", "A");
      tells(line, "35s", "other host", { alerts: 2 });
    }));

  it("that was made and ended inside group_wait hides nothing that waited", () =>
    timeline(configuration(GROUP, silenced("10s", "20s")), (line) => {
      event(line, "0s", "A");
      tells(line, "30s", "A");
    }));
});

describe("silence × limit", () => {
  it("that begins while the limit holds hides what is held", () =>
    timeline(configuration("limit: { max: 1, per: 1m }", silenced("10s", "1h")), (line) => {
      event(line, "0s", "A");
      event(line, "1s", "B");
      event(line, "2s", "other host", { "host.name": "i" });
      tells(line, "0s", "A");
      // Over the limit since 1 s.
      tells(line, "61s", "other host");
    }));

  it("that ends with a digest keeps to the limit", () =>
    timeline(configuration("limit: { max: 1, per: 1m }", silenced("0s", "20s", DIGEST)), (line) => {
      event(line, "0s", "A");
      event(line, "1s", "B");
      event(line, "10s", "other host", { "host.name": "i" });
      tells(line, "10s", "other host");
      tells(line, "80s", "A", { alerts: 2 });
    }));
});

describe("silence × hours", () => {
  it("that ends over night tells in the morning", () =>
    timeline(
      configuration("hours: { calendar: office }", silenced("9h", "12h", DIGEST)),
      (line) => {
        event(line, on("2026-03-02T19:00:00Z"), "A");
        event(line, on("2026-03-02T22:00:00Z"), "B");
        tells(line, on("2026-03-03T07:00:00Z"), "A", { alerts: 2 });
      },
    ));
});

describe("silence × case", () => {
  it("puts what is hidden into its case all the same", () =>
    timeline(configuration("repeats: none", `${CASES}\n${silenced("0s", "1h")}`), (line) => {
      event(line, "1m", "A");
      event(line, "2m", "B");
      line.meanwhile("3m", (world) => expect(caseOf(world, 1)?.alert_count).toBe(2));
    }));
});

describe("silence × fold × remind", () => {
  const reminding = (silence: string) => configuration("repeat_every: 4h", `${FOLD}\n${silence}`);
  const again = (line: Line, at: string, title: string) => event(line, at, title, { fold: "x" });

  it("keeps a reminder from being sent", () =>
    timeline(reminding(silenced("3h", "5h")), (line) => {
      again(line, "0s", "A");
      again(line, "1h", "B");
      tells(line, "0s", "A");
    }));

  it("sends the reminder at its end, when it says so", () =>
    timeline(reminding(silenced("3h", "5h", DIGEST)), (line) => {
      again(line, "0s", "A");
      again(line, "1h", "B");
      tells(line, "0s", "A");
      tells(line, "5h", "A", reminder);
    }));

  it("says nothing of repeats in it, and of the next one after it as ever", () =>
    timeline(reminding(silenced("1h", "2h")), (line) => {
      again(line, "0s", "A");
      again(line, "61m", "B");
      again(line, "3h", "C");
      tells(line, "0s", "A");
      tells(line, "4h", "A", reminder);
    }));

  it("tells for the first time, with a repeat after it, of what nobody was told of", () =>
    timeline(reminding(silenced("0s", "1h")), (line) => {
      again(line, "1m", "A");
      again(line, "2m", "B");
      again(line, "3h", "C");
      again(line, "4h", "D");
      tells(line, "3h", "A");
      tells(line, "7h", "A", reminder);
    }));

  it("tells once at its end of an alert that repeated in it", () =>
    timeline(reminding(silenced("0s", "1h", DIGEST)), (line) => {
      again(line, "1m", "A");
      again(line, "2m", "B");
      again(line, "2h", "C");
      tells(line, "1h", "A");
      tells(line, "5h", "A", reminder);
    }));

  it.each([
    ["nothing", ""],
    ["a digest", DIGEST],
  ])("keeps one delivery for all repeats when it ends with %s", (_, rest) =>
    timeline(reminding(silenced("0s", "1h", rest)), (line) => {
      for (const at of ["1m", "2m", "3m", "4m"]) again(line, at, at);
      line.meanwhile("5m", (world) => {
        expect(alertAt(world, 1).count).toBe(4);
        expect(countDeliveries(world)).toBe(1);
      });
      if (rest) tells(line, "1h", "1m");
    }),
  );
});

describe("fold × limit", () => {
  const limited = (rest = "") => configuration(`limit: { max: 2, per: 1h }${rest}`, FOLD);

  it("takes no token for repeats", () =>
    timeline(limited(), (line) => {
      for (const at of ["0s", "1s", "2s", "3s"]) event(line, at, at, { fold: "x" });
      event(line, "4s", "B");
      tells(line, "0s", "0s");
      tells(line, "4s", "B");
    }));

  it("counts an alert that is held once, however often it repeats", () =>
    timeline(limited(), (line) => {
      for (const title of ["A", "B"]) event(line, "0s", title);
      event(line, "1s", "C", { fold: "x" });
      for (const at of ["2s", "3s"]) event(line, at, at, { fold: "x" });
      event(line, "4s", "D");
      for (const title of ["A", "B"]) tells(line, "0s", title);
      tells(line, "3601s", "C", { alerts: 2 });
    }));

  it("makes a reminder wait for the limit like any message", () =>
    timeline(limited(", repeat_every: 10m"), (line) => {
      event(line, "0s", "A", { fold: "x" });
      event(line, "1s", "B");
      event(line, "1m", "again", { fold: "x" });
      tells(line, "0s", "A");
      tells(line, "1s", "B");
      // Due at 10 min, when a third of a token is there.
      tells(line, "70m", "A", reminder);
    }));

  it("lets an update through at once", () =>
    timeline(limited(", repeats: update"), (line) => {
      event(line, "0s", "A", { fold: "x" });
      event(line, "1s", "B");
      event(line, "1m", "again", { fold: "x" });
      tells(line, "0s", "A");
      tells(line, "1s", "B");
      tells(line, "1m", "A", update);
    }));
});

describe("fold × group", () => {
  it("counts alerts, not their repeats", () =>
    timeline(configuration(GROUP, FOLD), (line) => {
      event(line, "0s", "A", { fold: "x" });
      event(line, "5s", "again", { fold: "x" });
      event(line, "10s", "B", { fold: "y" });
      event(line, "40s", "and again", { fold: "x" });
      tells(line, "30s", "A", { alerts: 2 });
    }));

  it("updates the group's message, at most every interval", () =>
    timeline(configuration(`${GROUP}, repeats: update`, FOLD), (line) => {
      event(line, "0s", "A", { fold: "x" });
      event(line, "10s", "B", { fold: "y" });
      event(line, "20s", "early", { fold: "x" });
      event(line, "40s", "again", { fold: "x" });
      event(line, "50s", "again too", { fold: "y" });
      tells(line, "30s", "A", { alerts: 2 });
      tells(line, "330s", "A", { ...update, alerts: 2 });
    }));

  it("reminds of all of a group in one message", () =>
    timeline(configuration(`${GROUP}, repeat_every: 4h`, FOLD), (line) => {
      event(line, "0s", "A", { fold: "x" });
      event(line, "10s", "B", { fold: "y" });
      event(line, "1h", "again", { fold: "x" });
      event(line, "2h", "again too", { fold: "y" });
      tells(line, "30s", "A", { alerts: 2 });
      tells(line, "14430s", "A", { ...reminder, alerts: 2 });
    }));
});

describe("inhibit × case", () => {
  it("puts what is muted into its case all the same", () =>
    timeline(configuration("repeats: none", `${CASES}\n${INHIBIT}`), (line) => {
      event(line, "0s", "isolated", { isolated: "yes", severity: "high" });
      event(line, "1m", "muted");
      tells(line, "0s", "isolated");
      line.meanwhile("2m", (world) => {
        expect(alertAt(world, 2).case_id).toBe("CASE-000001");
        expect(caseOf(world, 1)).toMatchObject({ alert_count: 2, severity: "high" });
      });
    }));
});

describe("inhibit × group", () => {
  const grouped = configuration(GROUP, INHIBIT);
  const isolated = (line: Line, at: string) =>
    event(line, at, "isolated", { isolated: "yes", severity: "high", "rule.name": "I" });

  it("mutes what waits when what inhibits comes within group_wait", () =>
    timeline(grouped, (line) => {
      event(line, "0s", "A");
      event(line, "5s", "other host", { "host.name": "i" });
      isolated(line, "10s");
      tells(line, "30s", "other host");
      tells(line, "40s", "isolated");
    }));

  it("mutes nothing that waits when it is closed before the wait is over", () =>
    timeline(grouped, (line) => {
      event(line, "0s", "A");
      isolated(line, "10s");
      line.meanwhile("20s", (world) => setStatus(world, "closed", "ALR-000002"));
      tells(line, "30s", "A");
    }));

  it("mutes nothing that waits when it comes a moment too late", () =>
    timeline(grouped, (line) => {
      event(line, "0s", "A");
      isolated(line, "31s");
      tells(line, "30s", "A");
      tells(line, "61s", "isolated");
    }));
});

describe("inhibit × fold", () => {
  it("tells for the first time, with a repeat, of what was muted when it came", () =>
    timeline(configuration("repeats: none", `${FOLD}\n${INHIBIT}`), (line) => {
      event(line, "0s", "isolated", { isolated: "yes", severity: "high" });
      event(line, "1m", "muted", { fold: "x" });
      event(line, "2m", "still muted", { fold: "x" });
      line.meanwhile("3m", (world) => setStatus(world, "closed", "ALR-000001"));
      event(line, "4m", "again", { fold: "x" });
      event(line, "5m", "and again", { fold: "x" });
      tells(line, "0s", "isolated");
      tells(line, "4m", "muted");
    }));
});

describe("hours × limit", () => {
  const paced = configuration("hours: { calendar: office }, limit: { max: 1, per: 1h }");

  it("counts what waited for the morning as one message", () =>
    timeline(paced, (line) => {
      for (const hour of ["18", "20", "22"]) event(line, on(`2026-03-02T${hour}:00:00Z`), hour);
      event(line, on("2026-03-03T07:10:00Z"), "over");
      event(line, on("2026-03-03T08:00:00Z"), "over too");
      tells(line, on("2026-03-03T07:00:00Z"), "18", { alerts: 3 });
      tells(line, on("2026-03-03T08:10:00Z"), "over", { alerts: 2 });
    }));

  it("keeps what is over the limit when the office closes until the morning", () =>
    timeline(paced, (line) => {
      event(line, on("2026-03-02T16:30:00Z"), "A");
      event(line, on("2026-03-02T16:31:00Z"), "over");
      event(line, on("2026-03-02T16:32:00Z"), "over too");
      event(line, on("2026-03-02T20:00:00Z"), "at night");
      tells(line, on("2026-03-02T16:30:00Z"), "A");
      tells(line, on("2026-03-03T07:00:00Z"), "over", { alerts: 3 });
    }));
});

describe("hours × group", () => {
  const paced = configuration(`hours: { calendar: office }, ${GROUP}`);
  const other = { "rule.name": "S" };

  it("keeps groups of a weekend on which the clock is changed for Monday morning", () =>
    timeline(paced, (line) => {
      // Its wait is over after closing time.
      event(line, on("2026-03-27T16:59:50Z"), "A");
      event(line, on("2026-03-28T10:00:00Z"), "B");
      event(line, on("2026-03-28T10:00:10Z"), "C");
      event(line, on("2026-03-29T10:00:00Z"), "D", other);
      tells(line, on("2026-03-30T06:00:00Z"), "A", { alerts: 4 });
    }));

  it("tells of a group whose wait ends in the morning for itself", () =>
    timeline(paced, (line) => {
      event(line, on("2026-03-29T10:00:00Z"), "A");
      event(line, on("2026-03-30T05:59:50Z"), "B", other);
      tells(line, on("2026-03-30T06:00:00Z"), "A");
      tells(line, on("2026-03-30T06:00:20Z"), "B");
    }));
});

describe("group × limit", () => {
  it("counts a group as one message, and holds whole groups", () =>
    timeline(configuration(`${GROUP}, limit: { max: 1, per: 1h }`), (line) => {
      for (const title of ["A", "B"]) event(line, "0s", title);
      for (const title of ["C", "D"]) event(line, "10s", title, { "rule.name": "S" });
      event(line, "20s", "E", { "rule.name": "T" });
      tells(line, "30s", "A", { alerts: 2 });
      // Held since 40 s.
      tells(line, "3640s", "C", { alerts: 3 });
    }));
});

describe("correlate × fold", () => {
  const policies = `
fold:
  - { name: matches, match: "source.kind : correlate", by: [rule.name, user.name], window: 1h }
  - { name: same, match: "fold : *", by: [fold], window: 12h }
correlate:
  - { name: many, match: "user.name : *", count: ">= 3", by: [user.name], within: 5m, title: Many }
`;
  const paced = configuration("repeats: none", policies);
  const ann = (line: Line, at: string, fields = {}) =>
    event(line, at, at, { "user.name": "ann", severity: "informational", ...fields });

  it("counts repeats of one alert", () =>
    timeline(paced, (line) => {
      for (const at of ["0s", "1m", "2m"]) ann(line, at, { fold: "x" });
      tells(line, "2m", "Many");
    }));

  it("folds a match into the one before", () =>
    timeline(paced, (line) => {
      for (const at of ["0s", "1m", "2m", "3m", "4m", "5m"]) ann(line, at);
      tells(line, "2m", "Many");
      line.meanwhile("6m", (world) => {
        expect(alertAt(world, 4)).toMatchObject({ title: "Many", count: 2 });
        expect(alertAt(world, 4).parts).toHaveLength(6);
      });
    }));
});

describe("correlate × silence and group", () => {
  const policies = `
correlate:
  - { name: many, match: "user.name : *", count: ">= 2", by: [user.name], within: 5m, title: Many }
`;
  const ann = (line: Line, at: string) =>
    event(line, at, at, { "user.name": "ann", severity: "informational" });

  const noise = 'silences: [{ name: noise, match: "rule.name : R", comment: noise }]';

  it("counts what is silenced, and the match is told of", () =>
    timeline(configuration("repeats: none", policies + noise), (line) => {
      for (const at of ["1m", "2m"]) ann(line, at);
      tells(line, "2m", "Many");
    }));

  it("hides a match as any alert: by what its events brought", () =>
    timeline(configuration("repeats: none", policies + silenced("0s", "1h")), (line) => {
      for (const at of ["1m", "2m"]) ann(line, at);
      line.meanwhile("3m", (world) => expect(alertAt(world, 3).title).toBe("Many"));
    }));

  it("lets a match wait for its group", () =>
    timeline(configuration(GROUP, policies), (line) => {
      for (const at of ["0s", "1m"]) ann(line, at);
      tells(line, "90s", "Many");
    }));
});

describe("case × thread", () => {
  const down = { kind: "retry", reason: "refused", error: "down" } as const;
  const other = { "host.name": "i" };

  it("keeps messages of a case in their order at a destination, and holds nobody else", () =>
    timeline(configuration("repeats: none", CASES), (line) => {
      line.peer("soc", [down, down]);
      event(line, "0s", "A");
      event(line, "1s", "B");
      event(line, "40s", "C");
      event(line, "1s", "other case", other);
      // The second answer that fails is that of the other case.
      tells(line, "0s", "A");
      tells(line, "1s", "other case");
      tells(line, "5s", "A");
      tells(line, "5s", "B");
      tells(line, "6s", "other case");
      tells(line, "40s", "C");
    }));

  it("lets nobody wait for what only waits for its group", () =>
    timeline(configuration(GROUP, CASES), (line) => {
      event(line, "0s", "A");
      event(line, "1s", "B", { "rule.name": undefined });
      tells(line, "1s", "B");
      tells(line, "30s", "A");
    }));
});
