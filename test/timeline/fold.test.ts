import { describe, expect, it } from "vitest";
import { alertAt, countDeliveries, happens, isoAt, setStatus } from "./events.ts";
import { timeline, type Line } from "./timeline.ts";

function configuration({ window = "1h", route = "" } = {}): string {
  return `
sources: { in: { kind: generic } }
destinations: { soc: { kind: log }, pager: { kind: log } }
fold: [{ name: same, by: [rule.name, host.name], window: ${window} }]
routes:
  - { name: soc, to: [soc]${route} }
  - { name: urgent, match: "severity >= high", to: [pager] }
`;
}

/** The same thing again, each with a title of its own. */
const again = (line: Line, at: string, title: string, fields = {}) =>
  happens(line, at, title, { "rule.name": "Login", "host.name": "web-1", ...fields });
const tells = (line: Line, at: string, title: string, rest = {}) =>
  line.want(at, { to: "soc", title, ...rest });

describe("a repeat", () => {
  it("is told of once, by the alert that it repeats", () =>
    timeline(configuration(), (line) => {
      again(line, "0s", "A");
      again(line, "10m", "B");
      again(line, "20m", "other host", { "host.name": "web-2" });
      again(line, "21m", "other rule", { "rule.name": "Logout" });
      tells(line, "0s", "A");
      tells(line, "20m", "other host");
      tells(line, "21m", "other rule");
      line.meanwhile("30m", (world) => {
        expect(alertAt(world, 1)).toMatchObject({ title: "A", count: 2, last_seen: isoAt("10m") });
      });
    }));

  it("is one at the edge of the window since the last, and none a second beyond", () =>
    timeline(configuration(), (line) => {
      for (const at of ["0s", "60m", "120m"]) again(line, at, `at ${at}`);
      again(line, "10801s", "beyond");
      tells(line, "0s", "at 0s");
      tells(line, "10801s", "beyond");
    }));

  it("needs a value that is compared: events without any are alerts of their own", () =>
    timeline(configuration(), (line) => {
      happens(line, "0s", "A");
      happens(line, "1s", "B");
      tells(line, "0s", "A");
      tells(line, "1s", "B");
    }));

  it("is of the same source, rule, host, user and address without `by`", () => {
    const fields = {
      "rule.name": "Login",
      "host.name": "h",
      "user.name": "u",
      src_ip: "192.0.2.1",
    };
    const text = configuration().replace("by: [rule.name, host.name], ", "");
    return timeline(text, (line) => {
      happens(line, "0s", "A", fields);
      happens(line, "1s", "B", fields);
      happens(line, "2s", "other address", { ...fields, src_ip: "192.0.2.2" });
      happens(line, "3s", "other user", { ...fields, "user.name": "v" });
      tells(line, "0s", "A");
      tells(line, "2s", "other address");
      tells(line, "3s", "other user");
    });
  });

  it("survives a restart in its window", () =>
    timeline(configuration(), (line) => {
      again(line, "0s", "A");
      line.meanwhile("1m", (world) => world.restart());
      again(line, "2m", "B");
      tells(line, "0s", "A");
    }));

  it("reaches a destination whose route matches only now, with the highest severity", () =>
    timeline(configuration({ route: ", continue: true" }), (line) => {
      again(line, "0s", "A", { severity: "low" });
      again(line, "1m", "B", { severity: "critical" });
      again(line, "2m", "C", { severity: "low" });
      tells(line, "0s", "A");
      line.want("1m", { to: "pager", title: "A" });
    }));
});

describe("a closed alert", () => {
  it("is followed by a new one, which takes the next repeats", () =>
    timeline(configuration(), (line) => {
      again(line, "0s", "A");
      line.meanwhile("1m", (world) => setStatus(world, "closed", "ALR-000001"));
      again(line, "2m", "B");
      again(line, "3m", "C");
      tells(line, "0s", "A");
      tells(line, "2m", "B");
      line.meanwhile("4m", (world) => {
        expect(alertAt(world, 1)).toMatchObject({ status: "closed", count: 1 });
        expect(alertAt(world, 2)).toMatchObject({ status: "new", count: 2, follows: "ALR-000001" });
      });
    }));

  it("takes repeats again once it was reopened", () =>
    timeline(configuration(), (line) => {
      again(line, "0s", "A");
      line.meanwhile("1m", (world) => setStatus(world, "closed", "ALR-000001"));
      line.meanwhile("2m", (world) => setStatus(world, "new", "ALR-000001"));
      again(line, "3m", "B");
      tells(line, "0s", "A");
    }));
});

describe("events out of order by ten minutes", () => {
  const happened = (line: Line, at: string, title: string, time: string) =>
    again(line, at, title, { "@timestamp": isoAt(time) });

  it("fold by when they happened: at the window's edge before the first, and after the last", () =>
    timeline(configuration({ window: "10m" }), (line) => {
      happened(line, "30m", "A", "30m");
      happened(line, "1801s", "late", "20m");
      // What came late widens the alert to both sides.
      happened(line, "1802s", "later", "10m");
      happened(line, "40m", "after", "40m");
      tells(line, "30m", "A");
    }));

  it("do not fold a second beyond it, and the newer alert goes on taking repeats", () =>
    timeline(configuration({ window: "10m" }), (line) => {
      happened(line, "30m", "A", "30m");
      happened(line, "1801s", "late", "1199s");
      happened(line, "40m", "after", "40m");
      tells(line, "30m", "A");
      tells(line, "1801s", "late");
      line.meanwhile("41m", (world) => expect(alertAt(world, 1).count).toBe(2));
    }));

  it("fold as they came when the sender's clock runs ahead", () =>
    timeline(configuration({ window: "10m" }), (line) => {
      again(line, "0s", "A");
      happened(line, "1m", "B", "5h");
      tells(line, "0s", "A");
    }));

  it("cannot keep a window open by a clock that runs ahead", () =>
    timeline(configuration({ window: "10m" }), (line) => {
      happened(line, "0s", "A", "10m");
      happened(line, "601s", "B", "601s");
      tells(line, "0s", "A");
      tells(line, "601s", "B");
    }));
});

describe("a message that is kept up to date", () => {
  const updating = configuration({ route: ", repeats: update" });

  it("changes 30 s after it was sent, once for all repeats until then", () =>
    timeline(updating, (line) => {
      again(line, "0s", "A");
      for (const at of ["10s", "20s", "29s"]) again(line, at, `at ${at}`);
      tells(line, "0s", "A");
      tells(line, "30s", "A", { kind: "update" });
    }));

  it("changes at once when it did not for 30 s, then again 30 s later", () =>
    timeline(updating, (line) => {
      again(line, "0s", "A");
      again(line, "10m", "B");
      again(line, "601s", "C");
      tells(line, "0s", "A");
      tells(line, "10m", "A", { kind: "update" });
      tells(line, "630s", "A", { kind: "update" });
    }));

  it("changes after a restart as it would have", () =>
    timeline(updating, (line) => {
      again(line, "0s", "A");
      again(line, "10s", "B");
      line.meanwhile("15s", (world) => world.restart());
      tells(line, "0s", "A");
      tells(line, "30s", "A", { kind: "update" });
    }));

  it("changes with its subject too", () => {
    const report = (state: string) => ({
      source: "s",
      body: { id: "7_1", severity: "WARNING", state, user: "jdoe", detected: 1_772_442_000_000 },
    });
    const text = `
sources: { s: { kind: superna } }
destinations: { soc: { kind: log } }
routes: [{ name: soc, to: [soc], repeats: update }]
`;
    return timeline(text, (line) => {
      line.given("0s", report("WARNING"));
      line.given("5m", report("LOCKED_OUT"));
      const title = "Ransomware Defender event: jdoe";
      tells(line, "0s", title);
      tells(line, "5m", title, { kind: "update" });
    });
  });

  it("is not changed before it is out", () =>
    timeline(updating, (line) => {
      const down = { kind: "retry", reason: "refused", error: "down" } as const;
      line.peer("soc", [down, down]);
      again(line, "0s", "A");
      again(line, "10s", "B");
      for (const at of ["0s", "5s", "35s"]) tells(line, at, "A");
      tells(line, "35s", "A", { kind: "update" });
    }));
});

describe("reminders", () => {
  const reminding = configuration({ window: "12h", route: ", repeat_every: 4h" });
  const reminder = { kind: "reminder" } as const;

  it("come `repeat_every` after the message, once for all repeats until then", () =>
    timeline(reminding, (line) => {
      again(line, "0s", "A");
      for (const at of ["10m", "20m", "3h"]) again(line, at, `at ${at}`);
      tells(line, "0s", "A");
      tells(line, "4h", "A", reminder);
    }));

  it("come with the next repeat when that is later, and keep their distance", () =>
    timeline(reminding, (line) => {
      again(line, "0s", "A");
      again(line, "5h", "B");
      again(line, "6h", "C");
      again(line, "570m", "D");
      again(line, "10h", "E");
      tells(line, "0s", "A");
      tells(line, "5h", "A", reminder);
      tells(line, "9h", "A", reminder);
      tells(line, "13h", "A", reminder);
    }));

  it("never come without a repeat", () =>
    timeline(reminding, (line) => {
      again(line, "0s", "A");
      tells(line, "0s", "A");
    }));

  it.each(["acknowledged", "closed"] as const)("do not come for what is %s meanwhile", (status) =>
    timeline(reminding, (line) => {
      again(line, "0s", "A");
      again(line, "10m", "B");
      line.meanwhile("1h", (world) => setStatus(world, status, "ALR-000001"));
      tells(line, "0s", "A");
    }),
  );

  it("do not come of repeats of what was acknowledged", () =>
    timeline(reminding, (line) => {
      again(line, "0s", "A");
      line.meanwhile("1m", (world) => setStatus(world, "acknowledged", "ALR-000001"));
      again(line, "5h", "B");
      tells(line, "0s", "A");
      line.meanwhile("6h", (world) => {
        expect(alertAt(world, 1).count).toBe(2);
        expect(countDeliveries(world)).toBe(1);
      });
    }));

  it("come after a restart as they would have", () =>
    timeline(reminding, (line) => {
      again(line, "0s", "A");
      again(line, "10m", "B");
      line.meanwhile("2h", (world) => world.restart());
      tells(line, "0s", "A");
      tells(line, "4h", "A", reminder);
    }));
});
