import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Message } from "../destination.ts";
import {
  alertWith,
  contextWith,
  hostileAlert,
  hugeAlert,
  messageWith,
  sendingWith,
} from "../testing/messages.ts";
import { log } from "./log.ts";

async function print(message: Message, format: "text" | "json" = "text"): Promise<string> {
  const { context, printed } = contextWith();
  const destination = log.create(log.config.parse({ format }), context);
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

it("as JSON is the whole alert", async () => {
  const alert = hostileAlert();
  const line = await print(messageWith({ alert }), "json");
  const { key, link } = messageWith();
  expect(JSON.parse(line)).toEqual({ type: "alert", key, alert, link });
});
