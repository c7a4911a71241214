import { describe, it } from "vitest";
import { happens, on, setStatus } from "./events.ts";
import { timeline, type Line } from "./timeline.ts";

function configuration(route: string): string {
  return `
sources: { in: { kind: generic } }
destinations: { soc: { kind: log }, night: { kind: log } }
fold: [{ name: same, match: "fold : *", by: [fold], window: 12h }]
calendars: { office: { time_zone: Europe/Berlin, open: ["mon-fri 08:00-18:00"], closed: ["2026-03-04"] } }
routes: [{ name: soc, to: [soc], ${route} }]
`;
}

const tells = (line: Line, at: string, title: string, rest = {}) =>
  line.want(at, { to: "soc", title, ...rest });
/** Several at once; a body is one event for each element. */
const many = (line: Line, at: string, count: number, fields = {}) =>
  line.given(at, {
    source: "in",
    body: Array.from({ length: count }, (_, index) => ({ title: `${at} ${index}`, ...fields })),
  });

describe("a group", () => {
  const grouped = configuration("group_by: [rule.name], group_wait: 30s, group_interval: 5m");
  const rule = (line: Line, at: string, title: string, name = "Login") =>
    happens(line, at, title, { "rule.name": name });

  it("is told of once, 30 s after its first alert", () =>
    timeline(grouped, (line) => {
      rule(line, "0s", "A");
      rule(line, "10s", "B");
      rule(line, "29s", "C");
      rule(line, "15s", "other", "Logout");
      tells(line, "30s", "A", { alerts: 3 });
      tells(line, "45s", "other");
    }));

  it("speaks again after its interval, the edge included, and waits anew when that is over", () =>
    timeline(grouped, (line) => {
      rule(line, "0s", "A");
      rule(line, "31s", "B");
      rule(line, "300s", "C");
      // Spoke at 330 s: the interval lasts until 630 s.
      rule(line, "630s", "D");
      // Spoke at 630 s: until 930 s.
      rule(line, "931s", "E");
      tells(line, "30s", "A");
      tells(line, "330s", "B", { alerts: 2 });
      tells(line, "630s", "D");
      tells(line, "961s", "E");
    }));

  it("is none for alerts without any of the values: they are told of at once", () =>
    timeline(grouped, (line) => {
      happens(line, "0s", "A");
      happens(line, "1s", "B");
      tells(line, "0s", "A");
      tells(line, "1s", "B");
    }));

  it("goes on waiting over a restart", () =>
    timeline(grouped, (line) => {
      rule(line, "0s", "A");
      line.meanwhile("10s", (world) => world.restart());
      rule(line, "20s", "B");
      tells(line, "30s", "A", { alerts: 2 });
    }));

  it("is told of after a restart that took longer than the wait", () =>
    timeline(grouped, (line) => {
      rule(line, "0s", "A");
      line.meanwhile("10s", (world) => {
        world.clock.pass(world.clock.time + 590_000);
        return world.restart();
      });
      rule(line, "601s", "B");
      tells(line, "600s", "A");
      // The group spoke when its wait was over, by the log's time.
      tells(line, "631s", "B");
    }));

  it("leaves out what was closed meanwhile", () =>
    timeline(grouped, (line) => {
      rule(line, "0s", "A");
      rule(line, "1s", "B");
      rule(line, "2s", "C");
      line.meanwhile("3s", (world) => setStatus(world, "closed", "ALR-000001"));
      tells(line, "30s", "B", { alerts: 2 });
    }));

  it("says nothing when all of it was closed, and the next alert waits as the first one did", () =>
    timeline(grouped, (line) => {
      rule(line, "0s", "A");
      line.meanwhile("3s", (world) => setStatus(world, "closed", "ALR-000001"));
      rule(line, "31s", "B");
      tells(line, "61s", "B");
    }));

  it("of a thousand is one message that counts them all", () =>
    timeline(grouped, (line) => {
      many(line, "0s", 1000, { "rule.name": "Scan" });
      tells(line, "30s", "0s 0", { alerts: 1000 });
    }));

  it("is told of to each destination", () =>
    timeline(grouped.replace("to: [soc]", "to: [soc, night]"), (line) => {
      rule(line, "0s", "A");
      rule(line, "1s", "B");
      tells(line, "30s", "A", { alerts: 2 });
      line.want("30s", { to: "night", title: "A", alerts: 2 });
    }));

  it("holds back nobody behind a destination that is down", () =>
    timeline(grouped.replace("to: [soc]", "to: [soc, night]"), (line) => {
      line.peer("soc", [{ kind: "retry", reason: "refused", error: "down" }]);
      rule(line, "0s", "A");
      rule(line, "1s", "B");
      tells(line, "30s", "A", { alerts: 2 });
      tells(line, "35s", "A", { alerts: 2 });
      line.want("30s", { to: "night", title: "A", alerts: 2 });
    }));
});

describe("a limit", () => {
  const limited = configuration(
    'limit: { max: 2, per: 1m, by: [host.name], except: "severity : critical" }',
  );
  const host = (line: Line, at: string, title: string, fields = {}) =>
    happens(line, at, title, { "host.name": "h", ...fields });

  it("lets as many out as it says; the rest comes as one digest when its time is over", () =>
    timeline(limited, (line) => {
      for (const title of ["A", "B", "C", "D"]) host(line, "0s", title);
      host(line, "59s", "E");
      tells(line, "0s", "A");
      tells(line, "0s", "B");
      tells(line, "60s", "C", { alerts: 3 });
    }));

  it("refills with time: half of it is one more", () =>
    timeline(limited, (line) => {
      for (const title of ["A", "B"]) host(line, "0s", title);
      host(line, "30s", "C");
      host(line, "31s", "D");
      tells(line, "0s", "A");
      tells(line, "0s", "B");
      tells(line, "30s", "C");
      // Over the limit at 31 s.
      tells(line, "91s", "D");
    }));

  it("counts its digest as one message", () =>
    timeline(limited, (line) => {
      for (const title of ["A", "B", "C", "D"]) host(line, "0s", title);
      for (const title of ["E", "F"]) host(line, "61s", title);
      tells(line, "0s", "A");
      tells(line, "0s", "B");
      tells(line, "60s", "C", { alerts: 2 });
      // Two tokens at 60 s, of which the digest took one.
      tells(line, "61s", "E");
      tells(line, "121s", "F");
    }));

  it("is one for each value, and for those without any", () =>
    timeline(limited, (line) => {
      for (const title of ["A", "B"]) host(line, "0s", title);
      for (const title of ["C", "D"]) host(line, "1s", title, { "host.name": "other" });
      for (const title of ["E", "F", "G"]) happens(line, "2s", title);
      for (const title of ["A", "B"]) tells(line, "0s", title);
      for (const title of ["C", "D"]) tells(line, "1s", title);
      for (const title of ["E", "F"]) tells(line, "2s", title);
      tells(line, "62s", "G");
    }));

  it("does not hold what is exempt", () =>
    timeline(limited, (line) => {
      for (const title of ["A", "B", "C"]) host(line, "0s", title);
      host(line, "1s", "critical", { severity: "critical" });
      tells(line, "0s", "A");
      tells(line, "0s", "B");
      tells(line, "1s", "critical");
      tells(line, "60s", "C");
    }));

  it("holds over a restart", () =>
    timeline(limited, (line) => {
      for (const title of ["A", "B", "C"]) host(line, "0s", title);
      line.meanwhile("20s", (world) => world.restart());
      host(line, "21s", "D");
      tells(line, "0s", "A");
      tells(line, "0s", "B");
      tells(line, "60s", "C", { alerts: 2 });
    }));

  it("leaves out what was closed meanwhile", () =>
    timeline(limited, (line) => {
      for (const title of ["A", "B", "C", "D"]) host(line, "0s", title);
      line.meanwhile("20s", (world) => setStatus(world, "closed", "ALR-000003"));
      tells(line, "0s", "A");
      tells(line, "0s", "B");
      tells(line, "60s", "D");
    }));

  it("of two in a thousand tells of the others in one message", () =>
    timeline(limited, (line) => {
      many(line, "0s", 1000);
      tells(line, "0s", "0s 0");
      tells(line, "0s", "0s 1");
      tells(line, "60s", "0s 2", { alerts: 998 });
    }));
});

describe("office hours", () => {
  const held = configuration("hours: { calendar: office, outside: hold }");

  it("let through what comes in them, and hold what comes after them until the morning", () =>
    timeline(held, (line) => {
      happens(line, on("2026-03-02T16:59:59Z"), "A");
      happens(line, on("2026-03-02T17:00:00Z"), "B");
      happens(line, on("2026-03-03T06:59:59Z"), "C");
      happens(line, on("2026-03-03T07:00:00Z"), "D");
      tells(line, on("2026-03-02T16:59:59Z"), "A");
      tells(line, on("2026-03-03T07:00:00Z"), "B", { alerts: 2 });
      tells(line, on("2026-03-03T07:00:00Z"), "D");
    }));

  it("hold over a closed day", () =>
    timeline(held, (line) => {
      happens(line, on("2026-03-03T20:00:00Z"), "A");
      happens(line, on("2026-03-04T10:00:00Z"), "B");
      tells(line, on("2026-03-05T07:00:00Z"), "A", { alerts: 2 });
    }));

  it("hold over a weekend on which the clock is changed", () =>
    timeline(held, (line) => {
      happens(line, on("2026-03-27T17:00:00Z"), "A");
      happens(line, on("2026-03-29T12:00:00Z"), "B");
      happens(line, on("2026-03-30T05:59:59Z"), "C");
      tells(line, on("2026-03-30T06:00:00Z"), "A", { alerts: 3 });
    }));

  it("hold over a restart, and one that lasts until after the morning", () =>
    timeline(held, (line) => {
      happens(line, on("2026-03-02T20:00:00Z"), "A");
      line.meanwhile(on("2026-03-02T21:00:00Z"), (world) => world.restart());
      happens(line, on("2026-03-02T22:00:00Z"), "B");
      line.meanwhile(on("2026-03-03T06:00:00Z"), (world) => {
        world.clock.pass(Date.parse("2026-03-03T07:10:00Z"));
        return world.restart();
      });
      tells(line, on("2026-03-03T07:10:00Z"), "A", { alerts: 2 });
    }));

  it("leave out what was closed over night", () =>
    timeline(held, (line) => {
      happens(line, on("2026-03-02T20:00:00Z"), "A");
      happens(line, on("2026-03-02T21:00:00Z"), "B");
      const closing = on("2026-03-02T22:00:00Z");
      line.meanwhile(closing, (world) => setStatus(world, "closed", "ALR-000001"));
      tells(line, on("2026-03-03T07:00:00Z"), "B");
    }));

  it("may send elsewhere instead", () =>
    timeline(configuration("hours: { calendar: office, outside: [night] }"), (line) => {
      happens(line, on("2026-03-02T16:59:59Z"), "A");
      happens(line, on("2026-03-02T17:00:00Z"), "B");
      tells(line, on("2026-03-02T16:59:59Z"), "A");
      line.want(on("2026-03-02T17:00:00Z"), { to: "night", title: "B" });
    }));
});

describe("a clock that is set back by an hour", () => {
  const setBack = (line: Line, at: string) =>
    line.meanwhile(at, ({ clock }) => clock.set(clock.now() - 3_600_000));
  const rule = { "rule.name": "Login" };

  it("makes a group wait once more at most, with what comes after", () =>
    timeline(configuration("group_by: [rule.name]"), (line) => {
      happens(line, "0s", "A", rule);
      setBack(line, "10s");
      happens(line, "20s", "B", rule);
      // Noticed a second later; its 30 s begin anew.
      tells(line, "41s", "A", { alerts: 2 });
    }));

  it("makes the next round of a group wait once at most", () =>
    timeline(configuration("group_by: [rule.name], group_interval: 5m"), (line) => {
      happens(line, "0s", "A", rule);
      setBack(line, "40s");
      happens(line, "60s", "B", rule);
      tells(line, "30s", "A");
      tells(line, "360s", "B");
    }));

  it("is noticed after a restart too", () =>
    timeline(configuration("group_by: [rule.name]"), (line) => {
      happens(line, "0s", "A", rule);
      line.meanwhile("10s", async (world) => {
        world.clock.set(world.clock.now() - 3_600_000);
        await world.restart();
      });
      tells(line, "40s", "A");
    }));

  it("makes what a limit held wait once more at most", () =>
    timeline(configuration("limit: { max: 1, per: 1m }"), (line) => {
      happens(line, "0s", "A");
      happens(line, "1s", "B");
      setBack(line, "10s");
      happens(line, "20s", "C");
      tells(line, "0s", "A");
      tells(line, "71s", "B", { alerts: 2 });
    }));

  it("leaves a limit in force", () =>
    timeline(configuration("limit: { max: 1, per: 1m }"), (line) => {
      happens(line, "0s", "A");
      setBack(line, "10s");
      for (const title of ["B", "C", "D"]) happens(line, "20s", title);
      tells(line, "0s", "A");
      // How full it was is not known any more.
      tells(line, "20s", "B");
      tells(line, "80s", "C", { alerts: 2 });
    }));

  it("makes a reminder wait once more at most", () =>
    timeline(configuration("repeat_every: 4h"), (line) => {
      happens(line, "0s", "A", { fold: "x" });
      happens(line, "1h", "B", { fold: "x" });
      setBack(line, "3605s");
      tells(line, "0s", "A");
      // At 1 h it had 3 h to wait.
      tells(line, `${3606 + 3 * 3600}s`, "A", { kind: "reminder" });
    }));

  it("makes the reminder of a later repeat wait once at most", () =>
    timeline(configuration("repeat_every: 30m"), (line) => {
      happens(line, "0s", "A", { fold: "x" });
      setBack(line, "10s");
      happens(line, "1m", "B", { fold: "x" });
      tells(line, "0s", "A");
      tells(line, "31m", "A", { kind: "reminder" });
    }));

  it("makes an update wait once more at most", () =>
    timeline(configuration("repeats: update"), (line) => {
      happens(line, "0s", "A", { fold: "x" });
      happens(line, "10s", "B", { fold: "x" });
      setBack(line, "15s");
      tells(line, "0s", "A");
      // At 10 s it had 20 s to wait.
      tells(line, "36s", "A", { kind: "update" });
    }));

  it("makes the update of a later repeat wait once at most", () =>
    timeline(configuration("repeats: update"), (line) => {
      happens(line, "0s", "A", { fold: "x" });
      setBack(line, "10s");
      happens(line, "15s", "B", { fold: "x" });
      tells(line, "0s", "A");
      tells(line, "45s", "A", { kind: "update" });
    }));

  it("does not tell of what was closed after it", () =>
    timeline(configuration("group_by: [rule.name]"), (line) => {
      happens(line, "0s", "A", rule);
      setBack(line, "10s");
      line.meanwhile("20s", (world) => setStatus(world, "closed", "ALR-000001"));
    }));

  it("makes a failed try wait once more at most", () =>
    timeline(configuration("repeats: none"), (line) => {
      line.peer("soc", [{ kind: "retry", reason: "refused", error: "down" }]);
      happens(line, "0s", "A");
      setBack(line, "2s");
      tells(line, "0s", "A");
      tells(line, "8s", "A");
    }));

  it("does not keep a destination paused that failed", () =>
    timeline(configuration("repeats: none"), (line) => {
      const down = { kind: "retry", reason: "refused", error: "down" } as const;
      line.peer("soc", [down, down, down, down, down]);
      const titles = ["A", "B", "C", "D", "E"];
      for (const title of titles) happens(line, "0s", title);
      setBack(line, "2s");
      for (const title of titles) tells(line, "0s", title);
      // Probed as soon as it is noticed; the others are due then.
      for (const title of titles) tells(line, "8s", title);
    }));

  it("leaves hours and silences at their times", () =>
    timeline(configuration("hours: { calendar: office, outside: hold }"), (line) => {
      happens(line, on("2026-03-02T20:00:00Z"), "A");
      setBack(line, on("2026-03-02T21:00:00Z"));
      tells(line, on("2026-03-03T08:00:00Z"), "A");
    }));
});
