/**
 * The status of alerts that Kibana has too: what people do here is written there, what they do there
 * is taken over, and neither is answered with more.
 */
import { describe, expect, it } from "vitest";
import { applyChange } from "../../src/app/changes/change.ts";
import type { Verdict } from "../../src/destinations/destination.ts";
import { auditData } from "../../src/ledger/audit.ts";
import { alertAt, countDeliveries, isoAt, setStatus, WHO } from "./events.ts";
import { timeline, type Line, type World } from "./timeline.ts";

const CONFIGURATION = `
clusters: { lab: { url: "https://es.lab:9200", kibana: "https://kibana.lab:5601" } }
sources:
  hook: { kind: elastic }
  alerts: { kind: elastic-alerts, cluster: lab, write_back: true }
destinations: { soc: { kind: log } }
cases: [{ name: by-host, match: "host.name: *", group_by: [host.name], window: 1h }]
fold: [{ name: same, match: "user.name: *", by: [user.name], window: 1h }]
routes: [{ name: all, to: [soc] }]
`;
const LAB = "write-back:lab";
const DOWN: Verdict = { kind: "retry", reason: "refused", error: "down" };

type Fields = Readonly<Record<string, unknown>>;

/** The alert `A` as it stands in its index. */
function document(title: string, fields: Fields = {}) {
  return {
    _index: ".internal.alerts-security.alerts-default-000001",
    _id: title,
    _source: {
      "@timestamp": isoAt("0s"),
      "kibana.alert.uuid": title,
      "kibana.alert.rule.name": title,
      "kibana.alert.workflow_status": "open",
      ...fields,
    },
  };
}

/** It is read at a time, as it is then. */
function reads(line: Line, at: string, title: string, fields: Fields = {}): void {
  line.given(at, { source: "alerts", body: document(title, fields) });
}

/** The fields that Kibana changes with the status. */
function changedTo(status: "open" | "acknowledged" | "closed", at: string): Fields {
  return {
    "kibana.alert.workflow_status": status,
    "kibana.alert.workflow_status_updated_at": isoAt(at),
  };
}

const tells = (line: Line, at: string, title: string) => line.want(at, { to: "soc", title });
const writes = (line: Line, at: string, title: string) =>
  line.want(at, { to: LAB, title, kind: "status" });

/** Somebody changes alerts by their numbers. */
function change(
  line: Line,
  at: string,
  status: "new" | "acknowledged" | "closed",
  ...of: number[]
) {
  const names = of.map((number) => `ALR-00000${number}`);
  line.meanwhile(at, (world) => setStatus(world, status, ...names));
}

const looks = (line: Line, at: string, position: number, wanted: object) =>
  line.meanwhile(at, (world) => expect(alertAt(world, position)).toMatchObject(wanted));

function expectBalance(line: Line, at: string): void {
  line.meanwhile(at, ({ folder, clock }: World) => {
    const paths = { stream: `${folder}/stream.db`, store: `${folder}/store.db` };
    const { balanced, gaps } = auditData(paths, { since: null, now: clock.now() });
    expect({ balanced, gaps }).toEqual({ balanced: true, gaps: [] });
  });
}

describe("a status that is set here", () => {
  it("is written back once, and what it comes back as is answered with nothing", () =>
    timeline(CONFIGURATION, (line) => {
      reads(line, "0s", "A");
      tells(line, "0s", "A");
      change(line, "1m", "acknowledged", 1);
      writes(line, "1m", "A: acknowledged");
      reads(line, "2m", "A", changedTo("acknowledged", "61s"));
      reads(line, "3m", "A", changedTo("acknowledged", "61s"));
      looks(line, "4m", 1, { status: "acknowledged", status_changed_at: isoAt("61s") });
      line.meanwhile("4m", (world) => expect(countDeliveries(world)).toBe(2));
      expectBalance(line, "4m");
    }));

  it("is written back for each alert of a case that is closed", () =>
    timeline(CONFIGURATION, (line) => {
      for (const title of ["A", "B"]) {
        reads(line, "0s", title, { "host.name": "h" });
        tells(line, "0s", title);
      }
      line.meanwhile("1m", (world) =>
        world.change((database) => {
          const by = { who: WHO, now: world.clock.now() };
          applyChange(database, "case.close", { case: "1", verdict: "benign" }, by);
        }),
      );
      writes(line, "1m", "A: closed");
      writes(line, "1m", "B: closed");
    }));

  it("is written back for an alert that the webhook brought, which later states then update", () =>
    timeline(CONFIGURATION, (line) => {
      line.given("0s", { source: "hook", body: document("A") });
      tells(line, "0s", "A");
      reads(line, "1m", "A");
      change(line, "2m", "closed", 1);
      writes(line, "2m", "A: closed");
      reads(line, "3m", "A", changedTo("open", "150s"));
      looks(line, "4m", 1, { status: "new", key: "kibana.alert.uuid:A" });
      expectBalance(line, "4m");
    }));

  it("is written again by the next run when Kibana was down", () =>
    timeline(CONFIGURATION, (line) => {
      reads(line, "0s", "A");
      tells(line, "0s", "A");
      line.peer(LAB, [DOWN]);
      change(line, "1m", "acknowledged", 1);
      writes(line, "1m", "A: acknowledged");
      line.meanwhile("61s", (world) => world.restart());
      writes(line, "65s", "A: acknowledged");
    }));

  it("is written while others are tried again because Kibana does not have their alerts", () =>
    timeline(CONFIGURATION, (line) => {
      const missing: Verdict = { ...DOWN, reason: "unexpected_answer", alone: true };
      const titles = ["A", "B", "C", "D", "E"];
      for (const title of [...titles, "F"]) {
        reads(line, "0s", title);
        tells(line, "0s", title);
      }
      line.peer(
        LAB,
        [...titles, ...titles].map(() => missing),
      );
      change(line, "1m", "closed", 1, 2, 3, 4, 5);
      change(line, "67500ms", "closed", 6);
      writes(line, "68s", "F: closed");
      for (const title of titles) {
        writes(line, "1m", `${title}: closed`);
        writes(line, "65s", `${title}: closed`);
        writes(line, "95s", `${title}: closed`);
      }
    }));

  it("is not undone by the one before, which Kibana wrote down by a clock that is ahead", () =>
    timeline(CONFIGURATION, (line) => {
      reads(line, "0s", "A");
      tells(line, "0s", "A");
      line.peer(LAB, [{ kind: "delivered", remember: isoAt("3m") }, DOWN, DOWN, DOWN]);
      change(line, "1m", "acknowledged", 1);
      writes(line, "1m", "A: acknowledged");
      change(line, "2m", "closed", 1);
      for (const at of ["2m", "125s", "155s"]) writes(line, at, "A: closed");
      reads(line, "185s", "A", changedTo("acknowledged", "3m"));
      looks(line, "186s", 1, { status: "closed" });
      writes(line, "275s", "A: closed");
    }));

  it("stays when an older change in Kibana is heard of later", () =>
    timeline(CONFIGURATION, (line) => {
      reads(line, "0s", "A");
      tells(line, "0s", "A");
      change(line, "1h", "acknowledged", 1);
      writes(line, "1h", "A: acknowledged");
      reads(line, "65m", "A", changedTo("closed", "59m"));
      looks(line, "66m", 1, { status: "acknowledged", status_changed_at: isoAt("1h") });
    }));

  it("gives way to a newer change in Kibana, which is then what is still to be written", () =>
    timeline(CONFIGURATION, (line) => {
      reads(line, "0s", "A");
      tells(line, "0s", "A");
      line.peer(LAB, [DOWN]);
      change(line, "1h", "acknowledged", 1);
      writes(line, "1h", "A: acknowledged");
      reads(line, "3601s", "A", changedTo("closed", "3601s"));
      writes(line, "3605s", "A: closed");
      looks(line, "2h", 1, { status: "closed", status_changed_at: isoAt("3601s") });
    }));
});

describe("a status that is set in Kibana", () => {
  it("is taken over in any direction, and nothing is written back", () =>
    timeline(CONFIGURATION, (line) => {
      reads(line, "0s", "A");
      tells(line, "0s", "A");
      reads(line, "1m", "A", changedTo("closed", "50s"));
      looks(line, "61s", 1, { status: "closed" });
      reads(line, "2m", "A", changedTo("open", "110s"));
      looks(line, "121s", 1, { status: "new", status_changed_at: isoAt("110s") });
      line.meanwhile("3m", (world) => expect(countDeliveries(world)).toBe(1));
      expectBalance(line, "3m");
    }));

  it("does not speak for the others that an alert took in", () =>
    timeline(CONFIGURATION, (line) => {
      const user = { "user.name": "u" };
      for (const title of ["A", "B"]) reads(line, "0s", title, user);
      tells(line, "0s", "A");
      reads(line, "1m", "A", { ...user, ...changedTo("closed", "50s") });
      reads(line, "1m", "B", { ...user, ...changedTo("closed", "50s") });
      looks(line, "2m", 1, { status: "new", title: "A", count: 2, external: { id: "A" } });
      expectBalance(line, "2m");
    }));
});
