import { describe, expect, it } from "vitest";
import { completeAlert } from "./complete.ts";
import { emptyContent } from "./content.ts";
import { mergeAlerts, repeatAlert } from "./merge.ts";
import { STATUSES, type Alert, type AlertContent, type Artifact } from "./schema.ts";

const source = { name: "s", kind: "k", vendor: "v", product: "p", space: null };

function anAlert(position: number, content: Partial<AlertContent> = {}, own: Partial<Alert> = {}) {
  const whole = { ...emptyContent(source), title: `T${position}`, ...content };
  const receivedAt = Date.UTC(2026, 2, 4, 10, position);
  return { ...completeAlert(whole, { position, key: `k${position}`, receivedAt }), ...own };
}

const EARLIER = "2026-03-04T10:00:00.000Z";
const LATER = "2026-03-04T11:00:00.000Z";
const LATEST = "2026-03-04T12:00:00.000Z";

function ip(value: string): Artifact {
  return { type: "ip", value, role: "source", field: "source.ip" };
}

describe("an update", () => {
  it("never moves the status backwards, but on", () => {
    for (const [before, known] of STATUSES.entries()) {
      for (const [after, event] of STATUSES.entries()) {
        const merged = mergeAlerts(anAlert(1, { status: known }), anAlert(2, { status: event }));
        expect(merged.status).toBe(STATUSES[Math.max(before, after)]);
      }
    }
  });

  it("that says when its status was set wins by that, in any direction", () => {
    const times = [null, "2026-03-04T10:00:00.000Z", "2026-03-04T10:00:00.001Z"];
    for (const known of STATUSES) {
      for (const event of STATUSES) {
        for (const [before, knownAt] of times.entries()) {
          for (const [after, eventAt] of times.entries()) {
            if (eventAt === null) continue;
            const merged = mergeAlerts(
              anAlert(1, { status: known, status_changed_at: knownAt, verdict: "theirs" }),
              anAlert(2, { status: event, status_changed_at: eventAt, verdict: "the event's" }),
            );
            expect([merged.status, merged.status_changed_at, merged.verdict]).toEqual(
              after > before ? [event, eventAt, "the event's"] : [known, knownAt, "theirs"],
            );
          }
        }
      }
    }
  });

  it("gives way to a known status by its time, but brings a verdict where there is none", () => {
    const known = anAlert(1, { status: "acknowledged", status_changed_at: LATER });
    const event = { status: "closed", status_changed_at: EARLIER, verdict: "fp" } as const;
    const merged = mergeAlerts(known, anAlert(2, event));
    expect(merged).toMatchObject({ status: "acknowledged", verdict: "fp" });
    const newer = mergeAlerts(
      { ...known, verdict: "benign" },
      anAlert(2, { ...event, verdict: null, status_changed_at: LATEST }),
    );
    expect(newer).toMatchObject({ status: "closed", verdict: "benign" });
  });

  it("that does not say when keeps the time of a status that stays, and has none for its own", () => {
    const known = anAlert(1, { status: "acknowledged", status_changed_at: LATER });
    expect(mergeAlerts(known, anAlert(2)).status_changed_at).toBe(LATER);
    const closed = mergeAlerts(known, anAlert(2, { status: "closed" }));
    expect(closed).toMatchObject({ status: "closed", status_changed_at: null });
  });

  it("keeps a verdict that is known, unless it brings one", () => {
    const known = anAlert(1, { verdict: "benign" });
    expect(mergeAlerts(known, anAlert(2)).verdict).toBe("benign");
    expect(mergeAlerts(known, anAlert(2, { verdict: "fp" })).verdict).toBe("fp");
  });

  it("keeps what the alert is, with the newer content", () => {
    const known = anAlert(1, {}, { case_id: "CASE-000001", follows: "ALR-000009", parts: ["a"] });
    const merged = mergeAlerts({ ...known, count: 4 }, anAlert(2, { severity: "low" }));
    const { id, number, key, received_at, fingerprint, case_id, follows, parts } = known;
    expect(merged).toMatchObject({ id, number, key, received_at, fingerprint });
    expect(merged).toMatchObject({ case_id, follows, parts, count: 4 });
    expect([merged.title, merged.severity]).toEqual(["T2", "low"]);
  });
});

describe("a repeat", () => {
  it("counts, and leaves what the alert tells of itself", () => {
    const given = {
      status: "acknowledged",
      status_changed_at: EARLIER,
      verdict: "benign",
    } as const;
    const known = anAlert(1, { ...given, description: "first" });
    const later = { status: "closed", status_changed_at: LATER, verdict: "fp" } as const;
    const event = anAlert(2, { ...later, description: "second" });
    const repeated = repeatAlert(known, event);
    const { last_seen, count, ...rest } = repeated;
    expect([count, last_seen]).toEqual([2, event.received_at]);
    expect(rest).toEqual({ ...known, count: undefined, last_seen: undefined });
  });

  it("widens the times in both directions", () => {
    const at = (minute: number) => anAlert(30, { event_time: `2026-03-04T10:${minute}:00.000Z` });
    const later = repeatAlert(at(10), at(20));
    const both = repeatAlert(later, at(15));
    expect([both.first_seen, both.last_seen]).toEqual([at(10).first_seen, at(20).last_seen]);
    expect(repeatAlert(at(20), at(10)).first_seen).toBe(at(10).first_seen);
  });

  it("raises the severity with its original, and never lowers it", () => {
    const low = anAlert(1, { severity: "low", severity_original: "2" });
    const high = anAlert(2, { severity: "high", severity_original: "8" });
    const same = anAlert(3, { severity: "high", severity_original: "7" });
    expect(repeatAlert(low, high)).toMatchObject({ severity: "high", severity_original: "8" });
    expect(repeatAlert(high, low)).toMatchObject({ severity: "high", severity_original: "8" });
    expect(repeatAlert(high, same).severity_original).toBe("8");
  });

  it("joins artifacts, entities, tags and parts, each once", () => {
    const known = anAlert(1, { artifacts: [ip("192.0.2.1")], tags: ["a"] }, { parts: ["x"] });
    const artifacts = [ip("192.0.2.1"), ip("192.0.2.2")];
    const event = anAlert(2, { artifacts, tags: ["b", "a"] }, { parts: ["y", "x"] });
    const { artifacts: joined, entities, tags, parts } = repeatAlert(known, event);
    expect(joined).toEqual(artifacts);
    expect(entities.ips).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect([tags, parts]).toEqual([
      ["a", "b"],
      ["x", "y"],
    ]);
  });

  it("does not let an alert grow without end, and says so once", () => {
    let alert: Alert = anAlert(1);
    for (let round = 0; round < 15; round += 1) {
      const artifacts = Array.from({ length: 100 }, (_, index) => ip(`10.0.${round}.${index}`));
      alert = repeatAlert(alert, anAlert(2, { artifacts, tags: artifacts.map((a) => a.value) }));
    }
    expect([alert.artifacts.length, alert.entities.ips.length]).toEqual([1000, 1000]);
    expect(alert.tags).toHaveLength(1000);
    expect(alert.provenance.flags).toHaveLength(1);
    expect(alert.count).toBe(16);
  });
});

describe("the times of an alert", () => {
  it("are never after it came, whatever the sender's clock says", () => {
    const ahead = anAlert(1, { event_time: "2030-01-01T00:00:00.000Z" });
    expect([ahead.first_seen, ahead.last_seen]).toEqual([ahead.received_at, ahead.received_at]);
  });

  it("are those of its detection when nobody knows when it happened", () => {
    const detected_at = "2026-03-04T09:00:00.000Z";
    expect(anAlert(1, { detected_at }).first_seen).toBe(detected_at);
  });
});
