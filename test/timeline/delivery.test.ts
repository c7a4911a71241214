import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/destinations/destination.ts";
import { timeline } from "./timeline.ts";

const CONFIGURATION = `
sources:
  in: { kind: generic }
destinations:
  soc: { kind: log }
  archive: { kind: log }
routes:
  - { name: keep, to: [archive], continue: true }
  - { name: urgent, match: "severity >= high", to: [soc] }
`;
const OPERATED = `${CONFIGURATION}
  - { name: operators, to: [archive] }
`;

const down: Verdict = { kind: "retry", reason: "refused", error: "connection refused" };
const refused: Verdict = { kind: "reject", reason: "rejected_by_peer", error: "400" };
const alert = (title: string, severity = "high") => ({ source: "in", body: { title, severity } });

describe("deliveries in time", () => {
  it("go out at once, to the destinations of their routes and nowhere else", () =>
    timeline(CONFIGURATION, (line) => {
      line.given("0s", alert("A"));
      line.given("10s", alert("B", "low"));
      line.want("0s", { to: "archive", title: "A" });
      line.want("0s", { to: "soc", title: "A" });
      line.want("10s", { to: "archive", title: "B" });
    }));

  it("are not repeated for an event that comes again", () =>
    timeline(CONFIGURATION, (line) => {
      line.given("0s", alert("A", "low"));
      line.given("5m", alert("A", "low"));
      line.want("0s", { to: "archive", title: "A" });
    }));

  it("are for a hash that comes again after its window", () =>
    timeline(CONFIGURATION, (line) => {
      line.given("0s", alert("A", "low"));
      line.given("16m", alert("A", "low"));
      line.want("0s", { to: "archive", title: "A" });
      line.want("16m", { to: "archive", title: "A" });
    }));

  it("are tried again after 5 s, 30 s, 2 m, and others are not delayed by it", () =>
    timeline(CONFIGURATION, (line) => {
      line.peer("soc", [down, down, down]);
      line.given("0s", alert("A"));
      line.want("0s", { to: "archive", title: "A" });
      for (const at of ["0s", "5s", "35s", "155s"]) line.want(at, { to: "soc", title: "A" });
    }));

  it("wait as long as the peer asks", () =>
    timeline(CONFIGURATION, (line) => {
      line.peer("soc", [{ kind: "retry", reason: "rate_limited", error: "429", after: 60_000 }]);
      line.given("0s", alert("A"));
      line.want("0s", { to: "archive", title: "A" });
      line.want("0s", { to: "soc", title: "A" });
      line.want("60s", { to: "soc", title: "A" });
    }));

  it("survive a restart between two tries", () =>
    timeline(CONFIGURATION, (line) => {
      line.peer("soc", [down]);
      line.given("0s", alert("A"));
      line.meanwhile("2s", (world) => world.restart());
      line.want("0s", { to: "archive", title: "A" });
      line.want("0s", { to: "soc", title: "A" });
      line.want("5s", { to: "soc", title: "A" });
    }));

  it("go on when the clock is set back", () =>
    timeline(CONFIGURATION, (line) => {
      line.given("60s", alert("A", "low"));
      line.meanwhile("61s", (world) => world.clock.set(world.clock.now() - 30_000));
      line.given("70s", alert("B", "low"));
      line.want("60s", { to: "archive", title: "A" });
      line.want("70s", { to: "archive", title: "B" });
    }));

  it("are paused while the peer keeps failing, then probed with one message", () =>
    timeline(CONFIGURATION, (line) => {
      line.peer("soc", [down, down, down, down, down]);
      for (const n of [1, 2, 3, 4, 5]) line.given("0s", alert(`A${n}`));
      for (const n of [1, 2, 3, 4, 5]) line.want("0s", { to: "archive", title: `A${n}` });
      for (const n of [1, 2, 3, 4, 5]) line.want("0s", { to: "soc", title: `A${n}` });
      // The first retries are due at 5 s, but the breaker is open until 30 s.
      for (const n of [1, 2, 3, 4, 5]) line.want("30s", { to: "soc", title: `A${n}` });
    }));

  it("that are refused for good raise one operator alert until the peer delivers again", () =>
    timeline(OPERATED, (line) => {
      const dead = "Deliveries to soc end as dead letters";
      line.peer("soc", [refused, refused, { kind: "delivered" }, refused]);
      for (const [at, title] of [
        ["0s", "A"],
        ["10s", "B"],
        ["20s", "C"],
        ["30s", "D"],
      ] as const) {
        line.given(at, alert(title));
        line.want(at, { to: "archive", title });
        line.want(at, { to: "soc", title });
      }
      line.want("1s", { to: "archive", title: dead });
      line.want("31s", { to: "archive", title: dead });
    }));

  it("are given up after the time the destination says", () =>
    timeline(
      `
sources: { in: { kind: generic } }
destinations:
  soc: { kind: log, give_up_after: 1m }
  ops: { kind: log }
routes:
  - { name: all, to: [soc] }
  - { name: operators, to: [ops] }
`,
      (line) => {
        line.peer("soc", [down, down, down, down, down]);
        line.given("0s", alert("A"));
        for (const at of ["0s", "5s", "35s"]) line.want(at, { to: "soc", title: "A" });
        line.want("36s", { to: "ops", title: "Deliveries to soc end as dead letters" });
      },
    ));

  it("would be missed by the helper if one more came", async () => {
    const run = timeline(CONFIGURATION, (line) => line.given("0s", alert("A", "low")));
    await expect(run).rejects.toThrow();
  });
});

describe("an event of a known subject", () => {
  const report = (state: string, severity: string) => ({
    source: "s",
    body: { id: "7_1", severity, state, user: "jdoe", detected: 1_772_442_000_000 },
  });

  it("updates its alert, is not repeated, and reaches who matches only now", () =>
    timeline(
      `
sources: { s: { kind: superna } }
destinations: { all: { kind: log }, urgent: { kind: log } }
routes:
  - { name: keep, to: [all], continue: true }
  - { name: urgent, match: "severity >= critical", to: [urgent] }
`,
      (line) => {
        line.given("0s", report("WARNING", "WARNING"));
        line.given("60s", report("LOCKED_OUT", "CRITICAL"));
        line.given("90s", report("RECOVERED", "CRITICAL"));
        line.want("0s", { to: "all", title: "Ransomware Defender event: jdoe" });
        line.want("60s", { to: "urgent", title: "Ransomware Defender event: jdoe" });
      },
    ));
});
