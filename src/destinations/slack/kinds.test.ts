import { describe, expect, it } from "vitest";
import type { Message } from "../destination.ts";
import { textsOf } from "../testing/fake-slack.ts";
import { aDigest, alertWith, messageWith } from "../testing/messages.ts";
import { renderSlack } from "./render.ts";

const textOf = (change: Partial<Message>) => textsOf(renderSlack(messageWith(change))).join("\n");
const headingOf = (change: Partial<Message>) =>
  textsOf(renderSlack(messageWith(change)).blocks).find((text) => !/^(header|plain)/.test(text));

const AGAIN = alertWith({ count: 14, last_seen: "2026-05-05T12:00:00.000Z" });

describe("a digest", () => {
  it.each([
    ["group_digest", "soc", "HIGH: 3 alerts · grouped by route soc"],
    ["limit_digest", "soc", "HIGH: 3 alerts · over the limit of route soc"],
    ["hours_digest", "soc", "HIGH: 3 alerts · held outside the hours of route soc"],
    ["silence_digest", "S-1", "HIGH: 3 alerts · held back by silence S-1"],
    ["silence_digest", null, "HIGH: 3 alerts · held back by a silence"],
    ["a_new_reason", "soc", "HIGH: 3 alerts · a new reason"],
  ])("because of %s and %s has a heading that says so", (reason, cause, heading) => {
    expect(headingOf({ digest: aDigest({ reason, cause }) })).toBe(heading);
  });

  it("shows how many, the most frequent rules and hosts, and its alerts", () => {
    const text = textOf({ digest: aDigest() });
    expect(text).toContain("*Alerts*\n`3`");
    expect(text).toContain("*Top rules*\n`2 × Brute force`, `1 × New service`");
    expect(text).toContain("*Top hosts*\n`3 × web-1`");
    expect(text).toContain(
      "ALR-000123 high          Brute force on web-1\n" +
        "ALR-000124 high          [ACKNOWLEDGED] Brute force on web-2\n" +
        "ALR-000125 low           [CLOSED] New service",
    );
    expect(text).toContain("ALR-000123 and 2 more · first received 2026-05-05T10:00:00.000Z");
  });

  it("shows its first ten alerts and says how many there are besides", () => {
    const alerts = Array.from({ length: 500 }, () => alertWith());
    const text = textOf({ digest: aDigest({ alerts, total: 1234 }) });
    expect(text.match(/ALR-000123 high/g)).toHaveLength(10);
    expect(text).toContain("… and 1,224 more");
    expect(text).toContain("HIGH: 1,234 alerts");
  });

  it("shows ten alerts however long their titles are", () => {
    const alerts = Array.from({ length: 12 }, () => alertWith({ title: "`".repeat(5000) }));
    const text = textOf({ digest: aDigest({ alerts }) });
    expect(text.match(/ALR-000123 high/g)).toHaveLength(10);
    expect(text).toContain("… and 2 more");
  });

  it("has the colour of its worst alert, and Tocsin's button only", () => {
    const message = messageWith({ digest: aDigest({ severity: "critical" }) });
    const critical = renderSlack(messageWith({ alert: alertWith({ severity: "critical" }) }));
    expect(renderSlack(message).attachments[0].color).toBe(critical.attachments[0].color);
    const labels = textsOf(renderSlack(message)).filter((text) => text.startsWith("Open"));
    expect(labels).toEqual(["Open in Tocsin"]);
  });

  it("says how often its alerts were seen when that is more than once", () => {
    const digest = aDigest({ alerts: [AGAIN, alertWith({ number: "ALR-000124" })] });
    const seen =
      "*Seen*\n`15 times`, `since 2026-05-05T10:00:00.000Z`, `last 2026-05-05T12:00:00.000Z`";
    expect(textOf({ digest })).toContain(seen);
    expect(textOf({ digest: { ...digest, total: 600 } })).not.toContain("*Seen*");
    expect(textOf({ digest: aDigest() })).not.toContain("*Seen*");
  });
});

describe("a reminder", () => {
  it("says in its notification how often, since when and when last", () => {
    expect(renderSlack(messageWith({ kind: "reminder", alert: AGAIN })).text).toBe(
      "Reminder: HIGH: Brute force on web-1, seen 14 times since 2026-05-05T10:00:00.000Z, " +
        "last 2026-05-05T12:00:00.000Z (ALR-000123, kibana)",
    );
  });

  it("says so however long its title is", () => {
    const alert = { ...AGAIN, title: "<".repeat(5000) };
    const { text } = renderSlack(messageWith({ kind: "reminder", alert }));
    expect(text.length).toBeLessThanOrEqual(500);
    expect(text).toMatch(
      /^Reminder: HIGH: (&lt;)+… [\d,]+ characters more, seen 14 times since .*\)$/,
    );
  });

  it("shows in its message what its notification says", () => {
    const change: Partial<Message> = { kind: "reminder", alert: AGAIN };
    expect(headingOf(change)).toBe("Reminder: HIGH: Brute force on web-1");
    const seen =
      "*Seen*\n`14 times`, `since 2026-05-05T10:00:00.000Z`, `last 2026-05-05T12:00:00.000Z`";
    expect(textOf(change)).toContain(seen);
  });

  it("of a digest says both", () => {
    const digest = aDigest({ reason: "reminder_digest" });
    expect(headingOf({ kind: "reminder", digest })).toBe(
      "Reminder: HIGH: 3 alerts · still open, route soc",
    );
  });
});

it("an update looks like what it changes, with today's count", () => {
  const change: Partial<Message> = { alert: AGAIN };
  const update = renderSlack(messageWith({ ...change, kind: "update" }));
  expect(update).toEqual(renderSlack(messageWith(change)));
  expect(textsOf(update).join("\n")).toContain("`14 times`");
});

it.each([
  ["acknowledged", "[ACKNOWLEDGED] HIGH: Brute force on web-1"],
  ["closed", "[CLOSED] HIGH: Brute force on web-1"],
] as const)("an alert that is %s is shown as such", (status, heading) => {
  expect(headingOf({ alert: alertWith({ status }) })).toBe(heading);
});
