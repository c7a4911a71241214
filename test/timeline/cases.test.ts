import { describe, expect, it } from "vitest";
import { applyChange } from "../../src/app/changes/change.ts";
import { alertAt, caseOf, happens, isoAt, setStatus, WHO } from "./events.ts";
import { timeline, type Line, type World } from "./timeline.ts";

function configuration(policy = "group_by: [host.name], window: 1h"): string {
  return `
sources: { in: { kind: generic } }
destinations: { soc: { kind: log } }
cases: [{ name: by-host, match: "severity >= medium", ${policy} }]
routes: [{ name: soc, match: "severity : critical", to: [soc] }]
`;
}

const host = (line: Line, at: string, title: string, fields = {}) =>
  happens(line, at, title, { "host.name": "h", severity: "high", ...fields });
/** Nobody is told of anything here: what is stored at the end is what counts. */
const stored = (line: Line, at: string, look: (world: World) => void) => line.meanwhile(at, look);
const caseIds = (world: World, ...positions: number[]) =>
  positions.map((position) => alertAt(world, position).case_id);
const by = ({ clock }: World) => ({ who: WHO, now: clock.now() });

describe("alerts with equal values", () => {
  it("share a case, which has the highest severity and the times of its alerts", () =>
    timeline(configuration(), (line) => {
      host(line, "0s", "A", { severity: "medium" });
      host(line, "10m", "B", { severity: "high" });
      host(line, "20m", "C", { severity: "medium" });
      host(line, "21m", "other", { "host.name": "i" });
      host(line, "22m", "low", { severity: "low" });
      stored(line, "30m", (world) => {
        expect(caseIds(world, 1, 2, 3, 4, 5)).toEqual([
          "CASE-000001",
          "CASE-000001",
          "CASE-000001",
          "CASE-000002",
          null,
        ]);
        expect(caseOf(world, 1)).toMatchObject({
          title: "A",
          status: "new",
          severity: "high",
          alert_count: 3,
          first_alert_at: isoAt("0s"),
          last_alert_at: isoAt("20m"),
        });
      });
    }));

  it("join at the edge of the window since the last, and open another case a second beyond", () =>
    timeline(configuration(), (line) => {
      for (const at of ["0s", "1h", "2h"]) host(line, at, `at ${at}`);
      host(line, "10801s", "beyond");
      stored(line, "4h", (world) => {
        expect(caseOf(world, 1)?.alert_count).toBe(3);
        expect(caseOf(world, 2)).toMatchObject({ alert_count: 1, follows: "CASE-000001" });
        expect(caseOf(world, 3)).toBeUndefined();
      });
    }));

  it("join by when they happened, ten minutes late and out of order", () =>
    timeline(configuration("group_by: [host.name], window: 10m"), (line) => {
      host(line, "30m", "A", { "@timestamp": isoAt("30m") });
      host(line, "1801s", "late", { "@timestamp": isoAt("20m") });
      host(line, "1802s", "too late", { "@timestamp": isoAt("599s") });
      host(line, "40m", "after", { "@timestamp": isoAt("40m") });
      stored(line, "41m", (world) => {
        expect(caseIds(world, 1, 2, 4)).toEqual(["CASE-000001", "CASE-000001", "CASE-000001"]);
        expect(caseIds(world, 3)).toEqual(["CASE-000002"]);
        expect(caseOf(world, 1)).toMatchObject({
          first_alert_at: isoAt("20m"),
          last_alert_at: isoAt("40m"),
        });
      });
    }));

  it("share artifacts, but none by which everything would be one case", () =>
    timeline(configuration("share: [ip], window: 1h"), (line) => {
      const from = (at: string, src_ip: string, dst_ip: string) =>
        happens(line, at, at, { severity: "high", src_ip, dst_ip });
      from("0s", "192.0.2.1", "127.0.0.1");
      from("1m", "192.0.2.2", "127.0.0.1");
      from("2m", "192.0.2.2", "192.0.2.9");
      from("3m", "192.0.2.9", "127.0.0.1");
      stored(line, "4m", (world) => {
        expect(caseIds(world, 1, 2, 3, 4)).toEqual([
          "CASE-000001",
          "CASE-000002",
          "CASE-000002",
          "CASE-000002",
        ]);
      });
    }));

  it("open another case when theirs is full", () =>
    timeline(configuration("group_by: [host.name], window: 1h, max_alerts: 2"), (line) => {
      for (const at of ["0s", "1m", "2m", "3m", "4m"]) host(line, at, at);
      stored(line, "5m", (world) => {
        const counts = [1, 2, 3].map((number) => caseOf(world, number)?.alert_count);
        expect(counts).toEqual([2, 2, 1]);
      });
    }));

  it("that come at once make one case, not two", () =>
    timeline(configuration(), (line) => {
      const body = { "host.name": "h", severity: "high" };
      line.given("0s", {
        source: "in",
        body: [1, 2, 3].map((number) => ({ title: `at once ${number}`, ...body })),
      });
      line.given("0s", { source: "in", body: { title: "another", ...body } });
      stored(line, "1m", (world) => {
        expect(caseOf(world, 1)?.alert_count).toBe(4);
        expect(caseOf(world, 2)).toBeUndefined();
      });
    }));

  it("join after a restart", () =>
    timeline(configuration(), (line) => {
      host(line, "0s", "A");
      line.meanwhile("1m", (world) => world.restart());
      host(line, "2m", "B");
      stored(line, "3m", (world) => expect(caseOf(world, 1)?.alert_count).toBe(2));
    }));
});

describe("people's work on a case", () => {
  const close = (world: World) =>
    world.change((database) =>
      applyChange(database, "case.close", { case: "1", verdict: "benign" }, by(world)),
    );

  it("that closes it closes its alerts, and the next alert opens another one", () =>
    timeline(configuration(), (line) => {
      host(line, "0s", "A");
      host(line, "1m", "B");
      line.meanwhile("2m", close);
      host(line, "3m", "C");
      host(line, "4m", "D");
      stored(line, "5m", (world) => {
        expect(alertAt(world, 2)).toMatchObject({ status: "closed", verdict: "benign" });
        expect(caseOf(world, 1)).toMatchObject({ status: "closed", alert_count: 2 });
        expect(caseOf(world, 2)).toMatchObject({ alert_count: 2, follows: "CASE-000001" });
      });
    }));

  it("that reopens it lets alerts join again", () =>
    timeline(configuration(), (line) => {
      host(line, "0s", "A");
      line.meanwhile("1m", close);
      line.meanwhile("2m", (world) =>
        world.change((database) => applyChange(database, "case.reopen", { case: "1" }, by(world))),
      );
      host(line, "3m", "B");
      stored(line, "4m", (world) => {
        expect(caseOf(world, 1)?.alert_count).toBe(2);
        expect(caseOf(world, 2)).toBeUndefined();
      });
    }));

  it("that merges it leads what would have joined it to the other", () =>
    timeline(configuration(), (line) => {
      host(line, "0s", "A");
      host(line, "1m", "B", { "host.name": "i" });
      line.meanwhile("2m", (world) =>
        world.change((database) =>
          applyChange(database, "case.merge", { into: "1", from: ["2"] }, by(world)),
        ),
      );
      host(line, "3m", "C", { "host.name": "i" });
      stored(line, "4m", (world) => {
        expect(caseIds(world, 1, 2, 3)).toEqual(Array(3).fill("CASE-000001"));
        expect(caseOf(world, 1)?.alert_count).toBe(3);
        expect(caseOf(world, 2)).toMatchObject({ merged_into: "CASE-000001" });
      });
    }));

  it("that splits it leaves the rest where it was", () =>
    timeline(configuration(), (line) => {
      host(line, "0s", "A");
      host(line, "1m", "B");
      line.meanwhile("2m", (world) =>
        world.change((database) =>
          applyChange(database, "case.split", { case: "1", alerts: ["ALR-000002"] }, by(world)),
        ),
      );
      host(line, "3m", "C");
      stored(line, "4m", (world) => {
        expect(caseIds(world, 1, 2, 3)).toEqual(["CASE-000001", "CASE-000002", "CASE-000001"]);
      });
    }));

  it("on its alerts leaves the case open", () =>
    timeline(configuration(), (line) => {
      host(line, "0s", "A");
      line.meanwhile("1m", (world) => setStatus(world, "closed", "ALR-000001"));
      host(line, "2m", "B");
      stored(line, "3m", (world) => {
        expect(caseOf(world, 1)).toMatchObject({ status: "new", alert_count: 2 });
      });
    }));
});
