import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Message } from "../destination.ts";
import {
  aDigest,
  alertWith,
  contextWith,
  digestMessage,
  hostileAlert,
  hugeAlert,
  messageWith,
  sendingWith,
} from "../testing/messages.ts";
import { log } from "./log.ts";

async function print(
  message: Message,
  format: "text" | "json" = "text",
  template?: { line: string },
): Promise<string> {
  const { context, printed } = contextWith();
  const destination = log.create(log.config.parse({ format, template }), context);
  const verdict = await destination.send(
    destination.render(message),
    message,
    sendingWith().sending,
  );
  expect(verdict).toEqual({ kind: "delivered" });
  expect(printed).toHaveLength(1);
  return printed[0] ?? "";
}

describe("a line", () => {
  it("says when, how bad, what, and where", async () => {
    const sample = new URL("./samples/brute-force.txt", import.meta.url);
    expect(`${await print(messageWith())}\n`).toBe(readFileSync(sample, "utf8"));
  });

  it("leaves out what the alert does not have", async () => {
    const alert = alertWith({ entities: { hosts: [], users: [], ips: [] } });
    expect(await print(messageWith({ alert }))).toMatch(/ Brute force on web-1 · source kibana$/);
  });

  it("marks a test", async () => {
    expect(await print(messageWith({ test: true }))).toContain("[TEST] Brute force");
  });

  it("cannot command the terminal or break into another line", async () => {
    for (const format of ["text", "json"] as const) {
      const line = await print(messageWith({ alert: hostileAlert() }), format);
      expect(line).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
    }
  });

  it("stays short for the longest alert", async () => {
    const line = await print(messageWith({ alert: hugeAlert() }));
    expect(line.length).toBeLessThan(1000);
    expect(line).toContain("… and 497 more");
    expect(line).toMatch(/characters more/);
  });
});

describe("a line of the configuration's own", () => {
  it("is what the template makes of the message", async () => {
    const line = "{{ alert.number }} {{ kind }} {% if digest %}{{ counts.alerts }}{% endif %}\n";
    expect(await print(messageWith(), "json", { line })).toBe("ALR-000123 alert");
    const digest = aDigest();
    expect(await print(messageWith({ digest }), "text", { line })).toBe("ALR-000123 alert 3");
  });

  it("cannot command the terminal, break into another line or grow without end", async () => {
    const line = "{{ alert.title }}\n{{ alert.description }}";
    for (const alert of [hostileAlert(), hugeAlert()]) {
      const text = await print(messageWith({ alert }), "text", { line });
      expect(text).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
      expect(text.length).toBeLessThanOrEqual(10_000);
    }
  });

  it("that does not parse is refused", () => {
    const config = log.config.parse({ template: { line: "{{ alert.title" } });
    expect(() => log.create(config, contextWith().context)).toThrow(
      expect.objectContaining({
        code: "TEMPLATE_INVALID",
        component: "destination soc: template.line",
      }),
    );
  });
});

describe("a line of another kind", () => {
  const again = alertWith({ count: 14, last_seen: "2026-05-05T12:00:00.000Z" });
  const seen = "seen 14 times, since 2026-05-05T10:00:00.000Z, last 2026-05-05T12:00:00.000Z";

  it.each([
    ["reminder", "REMINDER"],
    ["update", "UPDATE"],
  ] as const)("says that it is a %s, and how often the alert was seen", async (kind, word) => {
    expect(await print(messageWith({ kind, alert: again }))).toBe(
      `2026-05-05T12:00:00.000Z HIGH          ALR-000123 ${word} Brute force on web-1 · ${seen}` +
        " · source kibana · host web-1 · user bob",
    );
  });

  it("tells of a digest how many, why, what and where", async () => {
    expect(await print(messageWith({ digest: aDigest() }))).toBe(
      "2026-05-05T10:00:00.000Z HIGH          DIGEST 3 alerts · grouped by route soc" +
        " · first ALR-000123 Brute force on web-1 · rule Brute force, New service · host web-1",
    );
    const later = alertWith({ last_seen: "2026-05-05T13:00:00.000Z" });
    const digest = aDigest({ alerts: [alertWith(), later] });
    expect(await print(messageWith({ digest, kind: "update" }))).toMatch(
      /^2026-05-05T13:00:00.000Z HIGH +UPDATE DIGEST/,
    );
    expect(await print(messageWith({ digest: aDigest(), kind: "update" }))).toContain(
      " UPDATE DIGEST 3 alerts ",
    );
  });

  it.each([
    ["closed", "ALR-000123 [CLOSED] Brute force"],
    ["acknowledged", "ALR-000123 [ACKNOWLEDGED] Brute force"],
  ] as const)("shows that an alert is %s", async (status, text) => {
    expect(await print(messageWith({ alert: alertWith({ status }) }))).toContain(text);
  });

  it("cannot command the terminal either, and stays short", async () => {
    for (const alert of [hostileAlert(), hugeAlert(50_000, 3)]) {
      const line = await print(digestMessage(alert, 500));
      expect(line).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
      expect(line.length).toBeLessThan(1000);
    }
  });
});

it("as JSON has the alerts of a digest", async () => {
  const digest = aDigest();
  expect(JSON.parse(await print(messageWith({ digest }), "json"))).toMatchObject({ digest });
});

it("as JSON is the whole alert", async () => {
  const alert = hostileAlert();
  const line = await print(messageWith({ alert }), "json");
  const { key, link } = messageWith();
  expect(JSON.parse(line)).toEqual({ type: "alert", kind: "alert", key, alert, link });
});
