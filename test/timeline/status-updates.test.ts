/**
 * A status that changes is shown where the alert was told of: by an update of the message there, at
 * once, whoever changed it.
 */
import { describe, expect, it } from "vitest";
import { applyChange } from "../../src/app/changes/change.ts";
import type { Status } from "../../src/alert/schema.ts";
import type { Verdict } from "../../src/destinations/destination.ts";
import { auditData } from "../../src/ledger/audit.ts";
import { happens, isoAt, setStatus, WHO } from "./events.ts";
import { timeline, type Line, type World } from "./timeline.ts";

function configuration(route = "", listens = "status_updates: true"): string {
  return `
clusters: { lab: { url: "https://es.lab:9200" } }
sources:
  in: { kind: generic }
  alerts: { kind: elastic-alerts, cluster: lab }
destinations: { soc: { kind: log, ${listens} }, archive: { kind: log } }
cases: [{ name: by-host, match: "host.name: *", group_by: [host.name], window: 1h }]
fold: [{ name: same, match: "fold : *", by: [fold], window: 12h }]
routes:
  - { name: all, to: [soc, archive]${route === "" ? "" : `, ${route}`} }
  - { name: operators, to: [archive] }
`;
}
const PLAIN = configuration();
const DOWN: Verdict = { kind: "retry", reason: "refused", error: "down" };
const REFUSED: Verdict = { kind: "reject", reason: "rejected_by_peer", error: "400" };

/** The alert comes, and both destinations are told of it. */
function tells(line: Line, at: string, title: string, rest = {}): void {
  line.want(at, { to: "soc", title, ...rest });
  line.want(at, { to: "archive", title, ...rest });
}

const updates = (line: Line, at: string, title: string, rest = {}) =>
  line.want(at, { to: "soc", title, kind: "update", ...rest });

/** Somebody changes alerts by their numbers, beside the server, which looks once a second. */
function change(line: Line, at: string, status: Status, ...of: number[]): void {
  const names = of.map((number) => `ALR-00000${number}`);
  line.meanwhile(at, (world) => setStatus(world, status, ...names));
}

/** An alert of Kibana is read, in the state that somebody gave it there. */
function reads(line: Line, at: string, title: string, status: string, since = at): void {
  const body = {
    _index: ".internal.alerts-security.alerts-default-000001",
    _id: title,
    _source: {
      "@timestamp": isoAt("0s"),
      "kibana.alert.uuid": title,
      "kibana.alert.rule.name": title,
      "kibana.alert.workflow_status": status,
      "kibana.alert.workflow_status_updated_at": isoAt(since),
    },
  };
  line.given(at, { source: "alerts", body });
}

/** At that time everything is accounted for. */
function balances(line: Line, at: string): void {
  line.meanwhile(at, ({ folder, clock }: World) => {
    const paths = { stream: `${folder}/stream.db`, store: `${folder}/store.db` };
    const { balanced, gaps } = auditData(paths, { since: null, now: clock.now() });
    expect({ balanced, gaps }).toEqual({ balanced: true, gaps: [] });
  });
}

describe("a status that somebody sets", () => {
  it("is shown at once, each time it changes", () =>
    timeline(PLAIN, (line) => {
      happens(line, "0s", "A");
      tells(line, "0s", "A");
      change(line, "1m", "acknowledged", 1);
      change(line, "2m", "closed", 1);
      change(line, "3m", "closed", 1);
      change(line, "4m", "new", 1);
      for (const at of ["1m", "2m", "4m"]) updates(line, at, "A");
      balances(line, "5m");
    }));

  it("is shown for each alert of a case that is closed", () =>
    timeline(PLAIN, (line) => {
      for (const title of ["A", "B"]) {
        happens(line, "0s", title, { "host.name": "h" });
        tells(line, "0s", title);
        updates(line, "1m", title);
      }
      line.meanwhile("1m", (world) =>
        world.change((database) => {
          const by = { who: WHO, now: world.clock.now() };
          applyChange(database, "case.close", { case: "1", verdict: "benign" }, by);
        }),
      );
    }));

  it("comes behind the first message when that is not out yet", () =>
    timeline(PLAIN, (line) => {
      line.peer("soc", [DOWN, DOWN]);
      happens(line, "0s", "A");
      line.want("0s", { to: "archive", title: "A" });
      change(line, "1s", "acknowledged", 1);
      for (const at of ["0s", "5s", "35s"]) line.want(at, { to: "soc", title: "A" });
      updates(line, "35s", "A");
      balances(line, "1m");
    }));

  it("comes once for each of two quick changes, one behind the other", () =>
    timeline(PLAIN, (line) => {
      happens(line, "0s", "A");
      tells(line, "0s", "A");
      line.peer("soc", [{ kind: "delivered" }, DOWN]);
      change(line, "1m", "acknowledged", 1);
      change(line, "1m", "closed", 1);
      for (const at of ["1m", "65s", "65s"]) updates(line, at, "A");
    }));

  it("is shown by the first message when that waits for its group", () =>
    timeline(configuration("group_by: [title], group_wait: 30s"), (line) => {
      happens(line, "0s", "A");
      happens(line, "0s", "B");
      change(line, "10s", "acknowledged", 1);
      change(line, "10s", "closed", 2);
      tells(line, "30s", "A");
      balances(line, "1m");
    }));

  it("changes the digest that told of it", () =>
    timeline(configuration("group_by: [fold2], group_wait: 30s"), (line) => {
      for (const title of ["A", "B"]) happens(line, "0s", title, { fold2: "x" });
      tells(line, "30s", "A", { alerts: 2 });
      change(line, "1m", "acknowledged", 2);
      updates(line, "1m", "A", { alerts: 2 });
      change(line, "2m", "closed", 1, 2);
      updates(line, "2m", "A", { alerts: 2 });
      updates(line, "2m", "A", { alerts: 2 });
      balances(line, "3m");
    }));

  it("does not wait for the reminder or the update that is planned", () =>
    timeline(configuration("repeats: remind, repeat_every: 4h"), (line) => {
      happens(line, "0s", "A", { fold: "x" });
      tells(line, "0s", "A");
      happens(line, "1m", "A", { fold: "x" });
      change(line, "2m", "acknowledged", 1);
      updates(line, "2m", "A");
    }));

  it("is shown at once beside what keeps the message up to date", () =>
    timeline(configuration("repeats: update"), (line) => {
      happens(line, "0s", "A", { fold: "x" });
      tells(line, "0s", "A");
      happens(line, "5s", "A", { fold: "x" });
      change(line, "20s", "acknowledged", 1);
      updates(line, "20s", "A");
      updates(line, "30s", "A");
      line.want("30s", { to: "archive", title: "A", kind: "update" });
      balances(line, "1m");
    }));

  it("is not told where the first message was given up or held back", () => {
    const silence = `silences: [{ name: quiet, match: "title : B", comment: work, at_end: nothing, from: "${isoAt("0s")}", until: "${isoAt("1h")}" }]`;
    return timeline(`${PLAIN}\n${silence}`, (line) => {
      line.peer("soc", [REFUSED]);
      happens(line, "0s", "A");
      tells(line, "0s", "A");
      line.want("1s", { to: "archive", title: "Deliveries to soc end as dead letters" });
      happens(line, "10s", "B");
      change(line, "1m", "acknowledged", 1, 3);
      balances(line, "2m");
    });
  });

  it("is shown while the alert is silenced, where it was told of before", () => {
    const silence = `silences: [{ name: quiet, match: "*", comment: work, at_end: digest, from: "${isoAt("1m")}", until: "${isoAt("1h")}" }]`;
    return timeline(`${PLAIN}\n${silence}`, (line) => {
      happens(line, "0s", "A");
      tells(line, "0s", "A");
      change(line, "2m", "acknowledged", 1);
      updates(line, "2m", "A");
    });
  });

  it("survives a restart", () =>
    timeline(PLAIN, (line) => {
      happens(line, "0s", "A");
      tells(line, "0s", "A");
      line.peer("soc", [{ kind: "delivered" }, DOWN]);
      change(line, "1m", "closed", 1);
      updates(line, "1m", "A");
      line.meanwhile("61s", (world) => world.restart());
      updates(line, "65s", "A");
    }));

  it("is shown nowhere unless a destination is to hear of it", () =>
    timeline(configuration("", "status_updates: false"), (line) => {
      happens(line, "0s", "A");
      tells(line, "0s", "A");
      change(line, "10s", "closed", 1);
    }));
});

describe("a status that an event brings", () => {
  it("is shown at once, in any direction, and once for each change", () =>
    timeline(PLAIN, (line) => {
      reads(line, "0s", "A", "open");
      tells(line, "0s", "A");
      reads(line, "10s", "A", "acknowledged");
      reads(line, "15s", "A", "acknowledged", "10s");
      reads(line, "20s", "A", "closed");
      reads(line, "30s", "A", "open");
      for (const at of ["10s", "20s", "30s"]) updates(line, at, "A");
      balances(line, "1m");
    }));

  it("is no news when somebody set it here already", () =>
    timeline(PLAIN, (line) => {
      reads(line, "0s", "A", "open");
      tells(line, "0s", "A");
      change(line, "1m", "closed", 1);
      updates(line, "1m", "A");
      reads(line, "2m", "A", "closed", "61s");
    }));

  it("comes with the update of a message that is kept up to date", () =>
    timeline(configuration("repeats: update"), (line) => {
      reads(line, "0s", "A", "open");
      tells(line, "0s", "A");
      reads(line, "10s", "A", "closed");
      updates(line, "30s", "A");
      line.want("30s", { to: "archive", title: "A", kind: "update" });
    }));

  it("comes behind the first message when that is not out yet", () =>
    timeline(PLAIN, (line) => {
      line.peer("soc", [DOWN]);
      reads(line, "0s", "A", "open");
      tells(line, "0s", "A");
      reads(line, "1s", "A", "closed");
      line.want("5s", { to: "soc", title: "A" });
      updates(line, "5s", "A");
    }));

  it("is shown nowhere unless a destination is to hear of it", () =>
    timeline(configuration("", "status_updates: false"), (line) => {
      reads(line, "0s", "A", "open");
      tells(line, "0s", "A");
      reads(line, "10s", "A", "closed");
    }));
});
