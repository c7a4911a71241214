import { describe, expect, it } from "vitest";
import { kqlPredicate, recordOf } from "./index.ts";

const NOW = Date.parse("2026-03-04T12:30:00.000Z"); // a Wednesday

const ALERT = {
  title: "Brute force: 40 failed log-ons on WEB-01",
  description: null,
  severity: "high",
  risk_score: 73,
  building_block: false,
  rule: { name: "Failed Logon Burst", version: "9", tags: ["Windows", "T1110"], note: "Call Ops." },
  host: { name: "web-01", os: { family: "linux" } },
  "user.name": "Ada Lovelace",
  artifacts: [
    { type: "ip", value: "10.20.30.40", role: "source" },
    { type: "account", value: "ada", role: "target" },
    { type: "ip", value: "2001:db8::7", role: "target" },
  ],
  event_time: "2026-03-04T10:15:30.250Z",
  received_ms: NOW - 60_000,
  seen: new Date(NOW),
  local_time: "2026-03-04T10:15:30+02:00",
  path: "C:\\Tools\\run.exe",
  empty: "",
  none: [],
  nothing: [null],
  city: "\u0130stanbul",
};

const holds = (text: string, document: unknown = ALERT, now = NOW) =>
  kqlPredicate(text)(recordOf(document), now);

/** Each text, and whether it holds for the alert above. */
function table(rows: readonly [string, boolean][]): void {
  it.each(rows)("%s is %s", (text, expected) => {
    expect(holds(text)).toBe(expected);
  });
}

describe("keywords equal the whole value, whatever the case", () => {
  table([
    ["host.name: web-01", true],
    ["host.name: WEB-01", true],
    ['host.name: "web-01"', true],
    ["host.name: web", false],
    ["Host.Name: web-01", false],
    ["rule.name: failed logon burst", true],
    ["rule.name: failed logon", false],
    ["rule.tags: windows", true],
    ["rule.tags: (linux or t1110)", true],
    ["rule.tags: (windows and t1110)", true],
    ["not rule.tags: windows", false],
    ["absent: x", false],
    ["not absent: x", true],
    ['empty: ""', true],
    ['host.name: ""', false],
    ['path: "c:\\\\tools\\\\RUN.exe"', true],
    ["constructor: *", false],
    ["city: \u0130STANBUL", true],
    ["city: istanbul", true],
    ["city: \u0130st*", true],
  ]);
});

describe("numbers and booleans compare by value", () => {
  table([
    ["risk_score: 73", true],
    ["risk_score: 73.0", true],
    ['risk_score: "73"', true],
    ["risk_score: 7", false],
    ["risk_score: 7*", true],
    ["rule.version: 9", true],
    ["building_block: false", true],
    ["building_block: FALSE", true],
    ["building_block: true", false],
    ["risk_score > 73", false],
    ["risk_score >= 73", true],
    ["risk_score < 73.5", true],
    ["risk_score <= 72", false],
    ["rule.version > 8", true],
    ["rule.version < 10", true],
    ["host.name > 5", false],
    ["building_block >= 0", false],
  ]);
});

describe("text ranges are in code-unit order, whatever the case", () => {
  table([
    ["host.name >= WEB", true],
    ["host.name < web-02", true],
    ["host.name > web-01", false],
    ["host.name <= web-01", true],
    ["risk_score > abc", false],
  ]);
});

describe("wildcards", () => {
  table([
    ["host.name: web-*", true],
    ["host.name: *01", true],
    ["host.name: W*1", true],
    ["host.name: web-01*", true],
    ["host.name: w*b*0*1", true],
    ["host.name: web", false],
    ["host.name: *02", false],
    ["host.name: web-01*1", false],
    ["host.*: web-01", true],
    ["host.*: linux", true],
    ["*.family: linux", true],
    ["host.*: windows", false],
    ["host.*: *", true],
    ["guest.*: *", false],
    ["*_score > 70", true],
    ["rule.*: ops", true],
    ["event_time: 2026-03*", true],
  ]);
});

describe("prose is matched by its words", () => {
  table([
    ['title: "brute force"', true],
    ['title: "Brute Force: 40"', true],
    ['title: "force brute"', false],
    ['title: "rute force"', false],
    ['title: "log-ons"', true],
    ['title: "web-01"', true],
    ["title: force brute", true],
    ["title: force cheese", false],
    ["title: brut*", true],
    ["title: *ail*", true],
    ["title: brute*web-01", true],
    ["title: force*", true],
    ["title: rute*", false],
    ["rule.note: ops", true],
    ["title: 40", true],
    ['title: ":"', false],
    ['title: ""', false],
    ["description: *", false],
  ]);

  it("equals a text that has no words", () => {
    expect(holds('title: "!!!"', { title: "!!!" })).toBe(true);
    expect(holds('title: "!!!"', { title: "oh!!!" })).toBe(false);
  });
});

describe("terms without a field are looked for in every field", () => {
  table([
    ["linux", true],
    ['"ada lovelace"', true],
    ["brute force", true],
    ["ada", true],
    ["lovelace", false],
    ["73", true],
    ["web*", true],
    ["*.exe", true],
    ["macos", false],
    ["not macos", true],
    ["high", true],
    ["4", false],
    ["10.20.30.0/24", true],
  ]);
});

describe("existence", () => {
  table([
    ["host.name: *", true],
    ["host: *", true],
    ["artifacts: *", true],
    ["artifacts.value: *", true],
    ["empty: *", true],
    ["none: *", false],
    ["nothing: *", false],
    ["description: *", false],
    ["host.name.x: *", false],
    ["*", true],
    ["", true],
    ["not *", false],
  ]);

  it("is false for everything but the match of all when nothing is there", () => {
    expect(holds("*", undefined)).toBe(true);
    expect(holds("a: *", undefined)).toBe(false);
    expect(holds("a*: *", {})).toBe(false);
    expect(holds("a: *", { a: { b: null } })).toBe(false);
  });
});

describe("severity compares on the scale", () => {
  table([
    ["severity: high", true],
    ["severity: HIGH", true],
    ["severity: 4", true],
    ["severity: low", false],
    ["severity: (high or critical)", true],
    ["severity: hi*", true],
    ["severity: *", true],
    ["severity >= high", true],
    ["severity >= Medium", true],
    ["severity > high", false],
    ["severity < critical", true],
    ["severity <= low", false],
    ["severity >= 4", true],
  ]);

  it("takes the id of a severity for its name", () => {
    expect(holds("severity: high", { severity: 4 })).toBe(true);
    expect(holds("severity >= high", { severity: 3 })).toBe(false);
    expect(holds("severity: crit*", { severity: 5 })).toBe(true);
  });

  it("puts no severity it does not know on the scale", () => {
    expect(holds("severity >= unknown", { severity: "urgent" })).toBe(false);
    expect(holds("severity >= unknown", { severity: "Unknown" })).toBe(true);
  });

  it("leaves fields of the same name inside elements as text", () => {
    const document = { findings: [{ severity: "urgent" }] };
    expect(holds("findings:{ severity: urgent }", document)).toBe(true);
    expect(holds("findings.severity: urgent", document)).toBe(true);
  });
});

describe("dates are spans, in UTC", () => {
  table([
    ['event_time: "2026-03-04T10:15:30.250Z"', true],
    ['event_time: "2026-03-04T10:15:30.251Z"', false],
    ['event_time: "2026-03-04T10:15:30"', true],
    ['event_time: "2026-03-04T11:15+01:00"', true],
    ['event_time: "2026-03-04T10:15"', true],
    ['event_time: "2026-03-04 10:15"', true],
    ["event_time: 2026-03-04", true],
    ["event_time: 2026-03-05", false],
    ["event_time >= 2026-03-04", true],
    ["event_time > 2026-03-04", false],
    ["event_time > 2026-03-03", true],
    ["event_time <= 2026-03-04", true],
    ["event_time < 2026-03-04", false],
    ["event_time < 2026-03-05", true],
    ['event_time >= "2026-03-04T10:15:30.250Z"', true],
    ['event_time > "2026-03-04T10:15:30.250Z"', false],
    ['local_time: "2026-03-04T08:15:30Z"', true],
    ["seen: 2026-03-04", true],
    ["received_ms: 2026-03-04", true],
    ['received_ms >= "2026-03-04T12:30:00Z"', false],
    ["host.name >= 2026-03-04", false],
  ]);
});

describe("the end of a span", () => {
  const midnight = { time: "2026-03-05T00:00:00.000Z" };

  it("belongs to the next one", () => {
    expect(holds("time: 2026-03-04", midnight)).toBe(false);
    expect(holds("time: 2026-03-05", midnight)).toBe(true);
    expect(holds("time <= 2026-03-04", midnight)).toBe(false);
    expect(holds("time > 2026-03-04", midnight)).toBe(true);
  });
});

describe("date math counts from now", () => {
  table([
    ["event_time >= now-3h", true],
    ["event_time >= now-2h", false],
    ["event_time >= now-1h-90m", true],
    ["event_time <= now", true],
    ["seen <= now", true],
    ["seen < now", false],
    ["event_time: now/d", true],
    ["event_time: now-1d/d", false],
    ["event_time < now/d+11h", true],
    ["event_time: now/h", false],
    ["event_time: now/w", true],
    ["event_time: now/M", true],
    ["event_time: now/y", true],
    ["event_time > now-1M", true],
    ["event_time >= now+1y", false],
  ]);

  const at = (time: string, text: string, now: string) =>
    holds(text, { time }, Date.parse(`${now}Z`));

  it("begins weeks on Monday", () => {
    expect(at("2026-03-02T00:00:00", "time >= now/w", "2026-03-08T23:00:00")).toBe(true);
    expect(at("2026-03-01T23:59:59", "time >= now/w", "2026-03-08T23:00:00")).toBe(false);
    expect(at("2026-03-02T00:00:00", "time: now/w", "2026-03-09T00:00:00")).toBe(false);
  });

  it("steps to the last day of a shorter month", () => {
    expect(at("2026-02-28T12:00:00", "time >= now-1M", "2026-03-31T12:00:00")).toBe(true);
    expect(at("2026-02-28T11:59:59", "time >= now-1M", "2026-03-31T12:00:00")).toBe(false);
  });

  it("counts anew at every evaluation", () => {
    const recent = kqlPredicate("event_time >= now-15m");
    const record = recordOf(ALERT);
    const event = Date.parse(ALERT.event_time);
    expect(recent(record, event + 14 * 60_000)).toBe(true);
    expect(recent(record, event + 16 * 60_000)).toBe(false);
  });
});

describe("networks stand for their addresses", () => {
  table([
    ['artifacts.value: "10.20.0.0/16"', true],
    ["artifacts.value: 10.20.30.40/32", true],
    ["artifacts.value: 10.21.0.0/16", false],
    ['artifacts.value: "2001:db8::/32"', true],
    ['artifacts.value: "2001:db9::/32"', false],
    ["host.name: 10.0.0.0/8", false],
    ["artifacts.value: 10.20.0.0/33", false],
  ]);

  it("equals a value that is the network itself", () => {
    expect(holds('net: "10.0.0.0/8"', { net: "10.0.0.0/8" })).toBe(true);
  });
});

describe("a nested query holds within one element", () => {
  table([
    ["artifacts:{ type: ip and role: source }", true],
    ["artifacts:{ type: account and role: source }", false],
    ["artifacts.type: account and artifacts.role: source", true],
    ["artifacts:{ type: ip and value: 10.20.* }", true],
    ["artifacts:{ type: account and value: 10.20.* }", false],
    ["artifacts:{ not type: ip }", true],
    ["not artifacts:{ type: ip }", false],
    ["not artifacts:{ type: url }", true],
    ["artifacts:{ not type: * }", false],
    ["artifacts:{ type:(account or url) }", true],
    ["artifacts:{ ada and role: target }", true],
    ["artifacts:{ * }", true],
    ["absent:{ * }", false],
    ["host:{ name: web-01 and os.family: linux }", true],
    ["host:{ os:{ family: linux } }", true],
    ["user:{ name: ada lovelace }", true],
    ["user:{ name: bob }", false],
  ]);

  it("reaches elements of elements", () => {
    const document = {
      a: [
        { b: [{ x: 1, y: 1 }] },
        {
          b: [
            { x: 2, y: 1 },
            { x: 1, y: 2 },
          ],
        },
      ],
    };
    expect(holds("a.b:{ x: 2 and y: 1 }", document)).toBe(true);
    expect(holds("a.b:{ x: 2 and y: 2 }", document)).toBe(false);
    expect(holds("a:{ b:{ x: 2 } and b:{ y: 2 } }", document)).toBe(true);
    expect(holds("a:{ b:{ x: 2 and y: 2 } }", document)).toBe(false);
  });
});
