import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ALERTMANAGER_TOKEN, startAlertmanager } from "../../../test/peers/alertmanager.ts";
import type { Message } from "../destination.ts";
import { createRig, useClosing } from "../testing/conformance-rig.ts";
import { aDigest, alertWith, hostileAlert, hugeAlert, messageWith } from "../testing/messages.ts";
import { alertmanager } from "./alertmanager.ts";
import { createRender } from "./render.ts";

const closing = useClosing();
const DAY = 86_400_000;
const render = createRender({ labels: {}, expires: 7 * DAY }, "destination soc");
const first = (message: Message) => render(message)[0];

async function start(settings: Record<string, unknown> = {}, now?: number) {
  const fake = closing(await startAlertmanager(undefined, now));
  const own = { url: `${fake.url}/`, token: ALERTMANAGER_TOKEN, ...settings };
  const peer = {
    ...fake,
    settings: own,
    secrets: [],
    kept: () => fake.alerts,
    measure: () => ({}),
  };
  const rig = createRig(alertmanager, peer, {}, closing);
  return { fake, send: async (message: Message) => (await rig.try(message)).verdict };
}

describe("an alert", () => {
  it("is what stands in the sample", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    expect(render(messageWith())).toEqual(JSON.parse(readFileSync(sample, "utf8")));
  });

  it("has the same labels whatever becomes of it", () => {
    const before = first(messageWith());
    const alert = alertWith({ status: "closed", count: 9, last_seen: "2026-05-06T10:00:00.000Z" });
    const after = first(
      messageWith({ kind: "update", memory: "high Brute force", alert, key: "d~1" }),
    );
    expect(after?.labels).toEqual(before?.labels);
  });

  it.each([
    ["that is new ends when it was not seen for long", {}, "2026-05-12T10:00:00.000Z"],
    [
      "that was seen again ends later",
      { last_seen: "2026-05-07T10:00:00.000Z" },
      "2026-05-14T10:00:00.000Z",
    ],
    [
      "that was closed ended just before",
      { status: "closed", status_changed_at: "2026-05-05T11:00:00.000Z" },
      "2026-05-05T10:59:00.000Z",
    ],
    [
      "that was reopened goes on from then",
      { status: "new", status_changed_at: "2026-06-01T00:00:00.000Z" },
      "2026-06-08T00:00:00.000Z",
    ],
  ] as const)("%s", (_what, change, endsAt) => {
    expect(first(messageWith({ alert: alertWith(change) }))).toMatchObject({ endsAt });
  });

  it("never starts after its end", () => {
    const alert = alertWith({
      event_time: "2031-01-01T00:00:00.000Z",
      status: "closed",
      status_changed_at: "2026-05-05T11:00:00.000Z",
    });
    expect(first(messageWith({ alert }))).toMatchObject({
      startsAt: "2026-05-05T10:59:00.000Z",
      endsAt: "2026-05-05T10:59:00.000Z",
    });
  });

  it("of a test is over soon and says so", () => {
    const made = first(messageWith({ test: true }));
    expect(made).toMatchObject({ endsAt: "2026-05-05T10:05:00.000Z", labels: { test: "true" } });
  });

  it("has short labels in one line, and one name at least", () => {
    const made = first(messageWith({ alert: hugeAlert(50_000, 20, "a\n") }));
    for (const value of Object.values(made?.labels ?? {})) {
      expect(value.length).toBeLessThanOrEqual(200);
      expect(value).not.toContain("\n");
    }
    const empty = first(messageWith({ alert: hostileAlert("") }));
    expect(empty?.labels["alertname"]).toBe("Alert");
  });

  it("of a digest is one alert of its own", () => {
    const made = render(messageWith({ digest: aDigest() }));
    expect(made).toHaveLength(1);
    expect(made[0]?.labels).toMatchObject({ alertname: "Several alerts", digest: "group_digest" });
    expect(made[0]?.annotations["description"]?.split("\n")).toHaveLength(3);
    expect(made[0]?.labels).not.toEqual(first(messageWith())?.labels);
  });

  it("says the operator's words", () => {
    const template = { title: "{{ alert.title }}!", text: "on {{ alert.entities.hosts }}" };
    const own = createRender({ labels: { team: "soc" }, expires: DAY, template }, "soc");
    expect(own(messageWith())[0]).toMatchObject({
      labels: { team: "soc" },
      annotations: { summary: "Brute force on web-1!", description: "on web-1" },
    });
  });
});

describe("an Alertmanager", () => {
  it("has one alert for all that is told of it, and knows when it was closed", async () => {
    const { fake, send } = await start();
    expect(await send(messageWith())).toMatchObject({
      kind: "delivered",
      reference: "high Brute force",
    });
    const closed = { status: "closed", status_changed_at: "2026-05-05T10:30:00.000Z" } as const;
    const update = { kind: "update", memory: "high Brute force", key: "d~1" } as const;
    await send(messageWith({ ...update, alert: alertWith(closed) }));
    expect(fake.alerts).toMatchObject([{ endsAt: "2026-05-05T10:29:00.000Z" }]);
    await send(messageWith({ ...update, key: "d~2", alert: alertWith({ status: "new" }) }));
    expect(fake.alerts).toMatchObject([{ endsAt: "2026-05-12T10:00:00.000Z" }]);
  });

  it("resolves the alert of before when the severity changes", async () => {
    const { fake, send } = await start();
    await send(messageWith());
    const alert = alertWith({ severity: "critical" });
    const update = messageWith({ kind: "update", memory: "high Brute force", alert, key: "d~1" });
    expect(await send(update)).toMatchObject({
      kind: "delivered",
      reference: "critical Brute force",
    });
    expect(fake.alerts).toMatchObject([
      { labels: { severity: "high" }, endsAt: "2026-05-05T09:59:00.000Z" },
      { labels: { severity: "critical" }, endsAt: "2026-05-12T10:00:00.000Z" },
    ]);
  });

  it("resolves the alert of before when its name changes", async () => {
    const { fake, send } = await start();
    await send(messageWith());
    const alert = alertWith({ rule: { ...alertWith().rule, name: "Brute force, distributed" } });
    const memory = "high Brute force";
    const update = messageWith({ kind: "update", memory, alert, key: "d~1" });
    expect(await send(update)).toMatchObject({ reference: "high Brute force, distributed" });
    expect(fake.alerts).toMatchObject([
      { labels: { alertname: "Brute force" }, endsAt: "2026-05-05T09:59:00.000Z" },
      { labels: { alertname: "Brute force, distributed" }, endsAt: "2026-05-12T10:00:00.000Z" },
    ]);
  });

  it("whose clock is behind resolves an alert all the same", async () => {
    const { fake, send } = await start({}, Date.parse("2026-05-05T10:29:30.000Z"));
    await send(messageWith());
    const closed = { status: "closed", status_changed_at: "2026-05-05T10:30:00.000Z" } as const;
    const memory = "high Brute force";
    await send(messageWith({ kind: "update", memory, key: "d~1", alert: alertWith(closed) }));
    expect(fake.alerts).toMatchObject([{ endsAt: "2026-05-05T10:29:00.000Z" }]);
  });

  it.each([
    [400, '"start time must be before end time"', /^HTTP 400: start time must be before end time$/],
    [401, '"Unauthorized"', /^HTTP 401: Unauthorized — check/],
    [
      404,
      '{"code":404,"message":"path /x was not found"}',
      /^HTTP 404: path \/x was not found — check/,
    ],
  ])("that says %i is quoted", async (status, body, error) => {
    const { fake, send } = await start();
    fake.misbehave((_received, response) => void response.writeHead(status).end(body));
    const text = expect.stringMatching(error) as string;
    expect(await send(messageWith())).toMatchObject({ kind: "reject", status, error: text });
  });
});

describe("the configuration", () => {
  const url = "http://am.lab:9093";
  it.each([
    [{ url }, true],
    [{ url, username: "u", password: "p" }, true],
    [{ url, username: "u" }, false],
    [{ url, password: "p" }, false],
    [{ url, token: "t", username: "u", password: "p" }, false],
    [{ url, token: "t\n" }, false],
    [{ url, labels: { team: "soc" } }, true],
    [{ url, labels: { "team-name": "soc" } }, false],
    [{ url, labels: { severity: "x" } }, false],
  ])("%j is valid: %s", (given, ok) => {
    expect(alertmanager.config.safeParse(given).success).toBe(ok);
  });
});
