import { afterEach, describe, expect, it } from "vitest";
import { startKibana, type FakeKibana } from "../../../test/peers/kibana.ts";
import { clusterSettings } from "../../elastic/cluster/settings.ts";
import { openKibana, type Kibana } from "../../elastic/kibana/kibana.ts";
import { fail } from "../../errors.ts";
import { createHttp } from "../../net/client.ts";
import type { Message } from "../destination.ts";
import { alertWith, hostileAlert, messageWith, NOW, sendingWith } from "../testing/messages.ts";
import { createStatusDestination, renderStatus } from "./index.ts";

const STATUS = "kibana.alert.workflow_status";
const CHANGED_AT = "kibana.alert.workflow_status_updated_at";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

/** What is to be told of the alert 6f1c of the space soc, closed at 10:00:00. */
function closed(change: Partial<Message> = {}): Message {
  return messageWith({
    kind: "status",
    alert: alertWith({ status: "closed", status_changed_at: at(0) }),
    ...change,
  });
}

/** A Kibana in which that alert is open; its clock stands at 10:00:00 plus `clock()` seconds. */
async function start(clock = () => 1) {
  const fake = await startKibana({ now: () => NOW + clock() * 1000 });
  fake.alerts("soc").push({ _id: "6f1c", _source: { [STATUS]: "open" } });
  const egress = { allow: [], deny: [] };
  const http = createHttp({ component: "cluster lab", egress, connections: 1 });
  open.push(fake, http);
  const settings = { ...clusterSettings.parse({ url: "https://es.lab" }), kibana: fake.kibanaUrl };
  return { fake, ...sender(openKibana(settings, { name: "lab", http })) };
}

function sender(kibana: Kibana) {
  const destination = createStatusDestination({ kibana, now: () => NOW });
  const send = (message = closed()) =>
    destination.send(destination.render(message), message, sendingWith().sending);
  return { kibana, send };
}

function statusIn(fake: FakeKibana) {
  return fake.alerts("soc")[0]?._source[STATUS];
}

describe("what is sent", () => {
  it.each([
    ["new", "open"],
    ["acknowledged", "acknowledged"],
    ["closed", "closed"],
  ] as const)("is %s in the words of Kibana: %s", (status, sent) => {
    const alert = alertWith({ status, status_changed_at: at(0) });
    expect(renderStatus(closed({ alert }))).toEqual({
      space: "soc",
      id: "6f1c",
      status: sent,
      unlessChangedAfter: NOW,
    });
  });

  it("is for the default space when the alert names none, and has no time when there is none", () => {
    const source = { ...alertWith().source, space: null };
    const alert = alertWith({ source, status_changed_at: null });
    expect(renderStatus(closed({ alert }))).toMatchObject({
      space: "default",
      unlessChangedAfter: undefined,
    });
  });

  it("carries no text of the alert but its id", async () => {
    const { fake, send } = await start();
    await send(closed({ alert: { ...hostileAlert(), external: { id: "6f1c", url: null } } }));
    expect(JSON.parse(fake.received[0]?.body ?? "")).toEqual({
      signal_ids: ["6f1c"],
      status: "open",
    });
    expect(fake.received[0]?.path).toBe("/s/soc/api/detection_engine/signals/status");
  });
});

describe("a status", () => {
  it("is delivered once Kibana has it, and the time that it has there is told", async () => {
    const { fake, send } = await start();
    expect(await send()).toEqual({ kind: "delivered", status: 200, remember: at(1) });
    expect(statusIn(fake)).toBe("closed");
  });

  it("is delivered by a repeat whose first answer was lost, and changed only once", async () => {
    const { fake, send } = await start();
    await send();
    expect(await send()).toEqual({ kind: "delivered", status: 200, remember: at(1) });
    expect(fake.alerts("soc")[0]?._source[CHANGED_AT]).toBe(at(1));
  });

  it("gives way to one that was set in Kibana later", async () => {
    const { fake, send } = await start();
    Object.assign(fake.alerts("soc")[0]?._source ?? {}, {
      [STATUS]: "acknowledged",
      [CHANGED_AT]: at(0.001),
    });
    expect(await send()).toEqual({ kind: "delivered", status: 200 });
    expect(statusIn(fake)).toBe("acknowledged");
  });

  it("replaces one that was set in Kibana before", async () => {
    const { fake, send } = await start();
    Object.assign(fake.alerts("soc")[0]?._source ?? {}, {
      [STATUS]: "acknowledged",
      [CHANGED_AT]: at(0),
    });
    expect(await send()).toMatchObject({ kind: "delivered" });
    expect(statusIn(fake)).toBe("closed");
  });

  it("replaces the one that we set before, also where Kibana's clock is two minutes ahead", async () => {
    let now = 0;
    const { fake, send } = await start(() => now + 120);
    const acknowledged = alertWith({ status: "acknowledged", status_changed_at: at(0) });
    expect(await send(closed({ alert: acknowledged }))).toMatchObject({ remember: at(120) });
    now = 60;
    await send(closed({ alert: alertWith({ status: "closed", status_changed_at: at(120) }) }));
    expect(statusIn(fake)).toBe("closed");
  });

  it("is tried again when something else writes the alert at the same moment", async () => {
    const { fake, send } = await start();
    fake.contested.add("6f1c");
    Object.assign(fake.alerts("soc")[0]?._source ?? {}, { [CHANGED_AT]: at(0) });
    expect(await send()).toMatchObject({
      kind: "retry",
      reason: "unexpected_answer",
      error: expect.stringContaining("at the same moment") as string,
    });
    fake.contested.clear();
    expect(await send()).toMatchObject({ kind: "delivered" });
  });

  it("of an alert that is not there is a failure, although Kibana says 200", async () => {
    const { fake, send } = await start();
    fake.alerts("soc").pop();
    expect(await send()).toEqual({
      kind: "retry",
      reason: "unexpected_answer",
      status: 200,
      error: "Kibana has no alert 6f1c in the space soc (HTTP 200, updated: 0)",
      alone: true,
    });
  });

  it("of an alert without an id in Kibana is rejected, and nothing is asked", async () => {
    const { fake, send } = await start();
    const alert = alertWith({ external: { id: null, url: null } });
    expect(await send(closed({ alert }))).toMatchObject({
      kind: "reject",
      reason: "render_failed",
    });
    expect(fake.received).toEqual([]);
  });

  it.each([
    ["does not show it yet", [{ id: "6f1c", status: "open", changedAt: null }] as const],
    ["has taken the alert away since", []],
  ])("that Kibana changed is delivered, also when a search %s", async (_what, found) => {
    const { kibana } = await start();
    const { send } = sender({ ...kibana, readStatus: async () => found });
    expect(await send()).toEqual({ kind: "delivered", status: 200 });
  });
});

describe("a failure of the client", () => {
  it("that is none of an answer is a bug and thrown", async () => {
    const { kibana } = await start();
    const bugs = [new RangeError("bug"), fail("INTERNAL", { component: "x", message: "bug" })];
    for (const bug of bugs) {
      const { send } = sender({ ...kibana, setStatus: () => Promise.reject(bug) });
      await expect(send()).rejects.toBe(bug);
    }
  });
});
