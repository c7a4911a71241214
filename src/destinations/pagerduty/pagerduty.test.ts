import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PAGERDUTY_KEY, startPagerDuty } from "../../../test/peers/pagerduty.ts";
import { useFakePeer } from "../testing/fake-peer.ts";
import { aDigest, alertWith, hugeAlert, messageWith } from "../testing/messages.ts";
import { pagerduty } from "./pagerduty.ts";
import { createRender } from "./render.ts";

const start = useFakePeer(pagerduty, startPagerDuty);
const open = (settings = {}) =>
  start(({ enqueueUrl }) => ({ routing_key: PAGERDUTY_KEY, url: enqueueUrl, ...settings }));
const render = createRender(undefined, "destination soc");
const ID = alertWith().id;

function updateOf(change: Parameters<typeof alertWith>[0], memory: string | null = ID) {
  return messageWith({ kind: "update", key: "d_2", alert: alertWith(change), memory });
}

describe("an event", () => {
  it("of an alert looks like its sample", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    const wanted: unknown = JSON.parse(readFileSync(sample, "utf8"));
    expect(render(messageWith())).toEqual(wanted);
  });

  it.each([
    ["critical", "critical"],
    ["high", "error"],
    ["medium", "warning"],
    ["low", "info"],
    ["informational", "info"],
    ["unknown", "warning"],
  ] as const)("of severity %s has PagerDuty's %s", (severity, wanted) => {
    expect(render(messageWith({ alert: alertWith({ severity }) })).payload?.severity).toBe(wanted);
  });

  it("that is too large has its largest details shortened and no other", () => {
    const alert = {
      ...hugeAlert(100, 2),
      reason: "r".repeat(3000),
      description: "d".repeat(600_000),
    };
    const details = render(messageWith({ alert })).payload?.custom_details;
    expect(details?.["reason"]).toHaveLength(3000);
    expect(details?.["description"]).toMatch(/^d+… [\d,]+ characters more$/);
  });

  it("counts the bytes of the key that is added when it is sent", async () => {
    const { fake, send } = await open();
    const eventWith = (length: number) =>
      messageWith({ alert: alertWith({ description: "d".repeat(length) }) });
    const rest = Buffer.byteLength(JSON.stringify(render(eventWith(1)))) - 1;
    await send(eventWith(511_990 - rest));
    const [sent] = fake.received;
    expect(Buffer.byteLength(sent?.body ?? "")).toBeLessThanOrEqual(512_000);
    expect(fake.alerts).toHaveLength(1);
  });

  it("that is too large by a long list keeps the first of it", () => {
    const tags = Array.from({ length: 5000 }, (_, index) => `tag ${index} ${"t".repeat(200)}`);
    const event = render(messageWith({ alert: alertWith({ tags }) }));
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(512_000);
    expect(event.payload?.custom_details["tags"]).toHaveLength(11);
    expect(event.payload?.custom_details["tags"]).toContain("… and 4,990 more");
  });

  it("takes summary and text from templates", () => {
    const template = {
      summary: "{{ alert.number }}\nof {{ counts.seen }}",
      text: "Look at {{ link }}",
    };
    const { payload } = createRender(template, "soc")(messageWith());
    expect(payload?.summary).toBe("ALR-000123 of 1");
    expect(payload?.custom_details).toMatchObject({
      text: "Look at https://tocsin.lab/alerts/ALR-000123",
    });
    expect(payload?.custom_details).not.toHaveProperty("reason");
  });
});

describe("an alert", () => {
  it("is triggered, acknowledged and resolved as one", async () => {
    const { fake, send } = await open();
    const first = await send(messageWith());
    expect(first).toEqual({ kind: "delivered", status: 202, reference: ID });
    expect(fake.alerts).toMatchObject([{ key: ID, status: "triggered" }]);
    await send(updateOf({ status: "acknowledged" }));
    expect(fake.alerts).toMatchObject([{ key: ID, status: "acknowledged" }]);
    await send(updateOf({ status: "closed", verdict: "benign" }));
    expect(fake.alerts).toMatchObject([{ key: ID, status: "resolved" }]);
  });

  it("that repeats joins what is open, and opens anew once that is resolved", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    await send(updateOf({ count: 5 }));
    await send(messageWith({ kind: "reminder", key: "d_3" }));
    expect(fake.alerts).toHaveLength(1);
    expect(fake.alerts[0]?.events).toHaveLength(3);
    await send(updateOf({ status: "closed" }));
    await send(updateOf({ status: "new" }));
    expect(fake.alerts.map(({ status }) => status)).toEqual(["resolved", "triggered"]);
  });

  const digestOf = (...statuses: ("new" | "acknowledged" | "closed")[]) =>
    aDigest({ alerts: statuses.map((status) => alertWith({ status })) });

  it("that was told of in a digest resolves it with the last of its alerts, and pages nobody before", async () => {
    const { fake, send } = await open();
    const first = messageWith({ digest: digestOf("new", "new"), key: "d_9" });
    expect(await send(first)).toMatchObject({ reference: "d_9" });
    const update = { ...updateOf({ status: "closed" }, "d_9"), key: "d_9~1" };
    const told = await send({ ...update, digest: digestOf("closed", "acknowledged") });
    expect(told).toMatchObject({ kind: "delivered", reference: "d_9" });
    expect(fake.alerts.map(({ events }) => events.length)).toEqual([1]);
    await send({ ...update, digest: digestOf("closed", "closed") });
    expect(fake.alerts).toMatchObject([{ key: "d_9", status: "resolved" }]);
    await send({ ...update, digest: digestOf("closed", "new") });
    expect(fake.alerts).toHaveLength(1);
  });

  it("that was told of in a digest of which not all is known never resolves it", async () => {
    const { fake, send } = await open();
    await send(messageWith({ digest: digestOf("new", "new"), key: "d_9" }));
    const digest = { ...digestOf("closed", "closed"), total: 7 };
    await send({ ...updateOf({ status: "closed" }, "d_9"), digest });
    expect(fake.alerts).toMatchObject([{ key: "d_9", status: "triggered" }]);
  });

  it("that was told of in a digest repeats there", async () => {
    const { fake, send } = await open();
    await send(messageWith({ digest: digestOf("new", "new"), key: "d_9" }));
    await send({ ...updateOf({ count: 2 }, "d_9"), digest: digestOf("new", "new") });
    expect(fake.alerts.map(({ key, events }) => [key, events.length])).toEqual([["d_9", 2]]);
  });
});

describe("what PagerDuty says", () => {
  const invalid = {
    status: "invalid event",
    message: "Event object is invalid",
    errors: ["Length of 'routing_key' is incorrect (should be 32 characters)"],
  };
  it.each([
    [
      400,
      invalid,
      {
        kind: "reject",
        reason: "rejected_by_peer",
        error:
          "HTTP 400: Event object is invalid: Length of 'routing_key' is incorrect (should be 32 characters) — check the integration key",
      },
    ],
    [
      400,
      { ...invalid, errors: ["'payload.severity' is invalid"] },
      { kind: "reject", error: "HTTP 400: Event object is invalid: 'payload.severity' is invalid" },
    ],
    [401, {}, { kind: "reject", reason: "unauthorized" }],
    [403, {}, { kind: "reject", reason: "unauthorized" }],
    [404, {}, { kind: "reject", reason: "not_found" }],
    [429, {}, { kind: "retry", reason: "rate_limited" }],
    [500, { status: "error", message: "Internal" }, { kind: "retry", error: "HTTP 500: Internal" }],
    [202, { status: "queued?" }, { kind: "retry", reason: "unexpected_answer" }],
  ])("with %i comes to its verdict", async (status, body, wanted) => {
    const { fake, send } = await open();
    fake.misbehave((_received, response) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    expect(await send(messageWith())).toMatchObject(wanted);
  });
});

describe("the configuration", () => {
  it.each([
    [{ routing_key: PAGERDUTY_KEY }, true],
    [{}, false],
    [{ routing_key: "short" }, false],
    [{ routing_key: `${PAGERDUTY_KEY}\n` }, false],
    [{ routing_key: PAGERDUTY_KEY, url: "events.pagerduty.com" }, false],
    [{ routing_key: PAGERDUTY_KEY, template: { title: "x" } }, false],
  ])("%j is valid: %s", (given, ok) => {
    expect(pagerduty.config.safeParse(given).success).toBe(ok);
  });
});
