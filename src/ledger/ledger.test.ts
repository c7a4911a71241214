import { afterEach, beforeEach, expect, test } from "vitest";
import { Database } from "../sqlite/database.ts";
import { requeueDeliveries, resolveQuarantine } from "../store/sqlite/admin.ts";
import { alertDetailSchema } from "./alert.ts";
import { alertListSchema, type AlertQuery } from "./alerts.ts";
import { deliveryDetailSchema, deliveryListSchema } from "./deliveries.ts";
import { eventSchema } from "./events.ts";
import { openLedger, type Ledger } from "./ledger.ts";
import { quarantinedDetailSchema } from "./quarantine.ts";
import { statsSchema } from "./stats.ts";
import { anEntry, aRejectedEntry, NOON, TestFolder } from "./testing/folder.ts";

let folder: TestFolder;
let ledger: Ledger;

beforeEach(() => {
  folder = new TestFolder();
  ledger = openLedger(folder.paths, () => NOON + 60_000);
});
afterEach(async () => {
  ledger.close();
  await folder.remove();
});

const numbers = async (query: AlertQuery): Promise<string[]> =>
  (await ledger.listAlerts(query)).items.map(({ number }) => number);

async function receiveSome(): Promise<void> {
  await folder.receive([
    anEntry("a", {
      host: { name: "web-01" },
      alert: { artifacts: [{ type: "ip", value: "10.1.2.3", role: "source", field: "ip" }] },
    }),
    anEntry("b", { alert: { severity: "medium", title: "Port scan" } }),
  ]);
  await folder.receive([anEntry("c", { alert: { severity: "informational" } })], {
    source: "other",
    received_at: NOON + 10_000,
  });
  await folder.decide();
}

test("alerts come newest first, whole and with their routing", async () => {
  await receiveSome();
  const list = await ledger.listAlerts({});
  expect(list.items.map(({ number }) => number)).toEqual([
    "ALR-000003",
    "ALR-000002",
    "ALR-000001",
  ]);
  expect(list.items[0]?.routing).toBe("unrouted");
  expect(list.items[2]?.artifacts).toHaveLength(1);
  expect(alertListSchema.parse(list)).toEqual(list);
  expect(await numbers({ order: "oldest" })).toEqual(["ALR-000001", "ALR-000002", "ALR-000003"]);
});

test.each<[string, AlertQuery, number[]]>([
  ["severity", { severity: "medium" }, [2]],
  ["source", { source: "other" }, [3]],
  ["status", { status: "closed" }, []],
  ["routing", { routing: "unrouted" }, [3]],
  ["since", { since: NOON + 5000 }, [3]],
  ["until", { until: NOON + 5000 }, [2, 1]],
  ["what a follower has seen", { after: 2 }, [3]],
  ["a field of its own in KQL", { q: "severity >= medium" }, [2, 1]],
  ["an artifact in KQL", { q: 'source.ip: "10.0.0.0/8"' }, [1]],
  ["a field of the document in KQL", { q: "host.name: web-*" }, [1]],
  ["a negated field of the document", { q: "not host.name: *" }, [3, 2]],
  ["a word anywhere", { q: '"port scan"' }, [2]],
  ["a span of time that counts from now", { q: "received_at >= now-55s" }, [3]],
  ["two conditions", { q: "severity: high", source: "other" }, []],
])("alerts are picked by %s", async (_, query, positions) => {
  await receiveSome();
  expect(await numbers(query)).toEqual(positions.map((position) => `ALR-00000${position}`));
});

test("a query that cannot be read is refused with its place", async () => {
  await expect(ledger.listAlerts({ q: "severity >=" })).rejects.toMatchObject({
    code: "KQL_INVALID",
  });
});

test("pages follow each other without a gap or a double, whatever comes in meanwhile", async () => {
  const many = Array.from({ length: 230 }, (_, index) =>
    anEntry(`k${index}`, { even: index % 2 === 0 }),
  );
  await folder.receive(many);
  await folder.decide();
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await ledger.listAlerts({
      q: "even: true",
      limit: 30,
      cursor: cursor ?? undefined,
    });
    seen.push(...page.items.map(({ key }) => key));
    cursor = page.next;
    await folder.receive([anEntry(`later-${seen.length}`, { even: true })]);
    await folder.decide();
  } while (cursor);
  const expected = Array.from({ length: 115 }, (_, index) => `k${228 - 2 * index}`);
  expect(seen).toEqual(expected);
});

test("the last full page says that it is the last", async () => {
  await receiveSome();
  expect((await ledger.listAlerts({ limit: 3 })).next).toBeNull();
  expect((await ledger.listAlerts({ limit: 2 })).next).not.toBeNull();
});

test("a cursor of another list is refused", async () => {
  await receiveSome();
  const { next } = await ledger.listAlerts({ limit: 1 });
  await expect(ledger.listDeliveries({ cursor: next ?? "" })).rejects.toMatchObject({
    code: "REQUEST_INVALID",
  });
});

test("an alert is found by number and by id, with everything about it", async () => {
  await receiveSome();
  await folder.deliver("chat", "delivered");
  const alert = await ledger.getAlert("alr-000001");
  expect(alert).toMatchObject({
    number: "ALR-000001",
    severity: "high",
    routing: "routed",
    raw: { host: { name: "web-01" } },
    events: [{ position: 1, key: "a", outcome: "alert", times: 1, id: alert.id }],
  });
  const states = alert.deliveries.map(({ destination, state }) => [destination, state] as const);
  expect(Object.fromEntries(states)).toEqual({ chat: "delivered", desk: "pending" });
  expect(alertDetailSchema.parse(alert)).toEqual(alert);
  expect(await ledger.getAlert(alert.id.toLowerCase())).toEqual(alert);
});

test("the id of an event that updated an alert finds the alert", async () => {
  await folder.receive([anEntry("a", { subject: "s" })]);
  const { entries } = await folder.receive([anEntry("b", { subject: "s" })]);
  await folder.receive([anEntry("b", { subject: "s" })]);
  await folder.decide();
  const first = await ledger.getAlert("ALR-000001");
  expect(first.events.map(({ key, outcome, times }) => [key, outcome, times])).toEqual([
    ["a", "alert", 1],
    ["b", "updated", 2],
  ]);
  const [, second] = first.events;
  expect(second?.position).toBe(entries[0]?.position);
  expect((await ledger.getAlert(second?.id ?? "")).number).toBe("ALR-000001");
});

test("an id with the right position and the wrong rest finds nothing", async () => {
  await receiveSome();
  const { id } = await ledger.getAlert("ALR-000001");
  const other = id.slice(0, 10) + (id[10] === "0" ? "1" : "0") + id.slice(11);
  await expect(ledger.getAlert(other)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(ledger.getAlert("ALR-000009")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(ledger.getAlert("nonsense")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("the raw document is null when retention has taken it", async () => {
  await receiveSome();
  folder.tamper("stream", "UPDATE entries SET body = NULL");
  expect((await ledger.getAlert("ALR-000001")).raw).toBeNull();
  expect(await numbers({ q: "host.name: web-*" })).toEqual([]);
});

test("deliveries are listed by state, destination and alert, with their newest error", async () => {
  await receiveSome();
  await folder.deliver("chat", "delivered");
  await folder.deliver("desk", "rejected");
  const dead = await ledger.listDeliveries({ state: "dead" });
  expect(dead.items).toEqual([
    expect.objectContaining({
      destination: "desk",
      reason: "rejected_by_peer",
      last_error: "no such channel",
      attempt_count: 1,
      due_at: null,
      alert: expect.objectContaining({ number: "ALR-000001", severity: "high" }),
    }),
  ]);
  expect(deliveryListSchema.parse(dead)).toEqual(dead);
  expect((await ledger.listDeliveries({ destination: "desk" })).items).toHaveLength(2);
  expect((await ledger.listDeliveries({ alert: "ALR-000002" })).items).toHaveLength(2);
  expect(
    (await ledger.listDeliveries({ alert: "ALR-000002", state: "suppressed" })).items,
  ).toHaveLength(1);
  const detail = await ledger.getDelivery(dead.items[0]?.id ?? 0);
  expect(detail.attempts).toMatchObject([{ number: 1, verdict: "reject", status: 400 }]);
  expect(deliveryDetailSchema.parse(detail)).toEqual(detail);
  await expect(ledger.getDelivery(99)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("dead deliveries that are put back are due at once, and keep their attempts", async () => {
  await receiveSome();
  await folder.deliver("desk", "rejected");
  const database = new Database(folder.paths.store);
  expect(requeueDeliveries(database, { state: "dead", destination: "chat" }, "ada", NOON)).toBe(0);
  expect(requeueDeliveries(database, { state: "dead", until: NOON }, "ada", NOON)).toBe(0);
  expect(requeueDeliveries(database, { state: "dead", destination: "desk" }, "ada", NOON + 9)).toBe(
    1,
  );
  const [delivery] = (await ledger.listDeliveries({ destination: "desk", state: "pending" })).items;
  expect(delivery).toMatchObject({ attempt_count: 1, done_at: null, reason: "replayed" });
  expect(requeueDeliveries(database, { ids: [delivery?.id ?? 0, 99] }, "ada", NOON + 9)).toBe(0);
  database.close();
});

test("the quarantine shows what was put aside at the edge and later, also before it is decided", async () => {
  const [edge] = (await folder.receive([aRejectedEntry("x", "{oops")])).entries;
  const early = await ledger.listQuarantine({});
  await folder.receive([anEntry("y", { broken: true })], { source: "other" });
  await folder.decide();
  const list = await ledger.listQuarantine({});
  expect(list.items).toMatchObject([
    { reason: "normalise_failed", source: "other", position: 2 },
    {
      reason: "unreadable",
      detail: "not JSON",
      size: 5,
      kind: "generic",
      position: edge?.position,
    },
  ]);
  expect(early.items).toEqual(list.items.slice(1));
  expect((await ledger.listQuarantine({ source: "other" })).items).toHaveLength(1);
});

test("an item of the quarantine has its bytes and headers, and can be resolved once", async () => {
  await folder.receive([aRejectedEntry("x", "{oops €")], {
    original: { headers: { "content-type": "text/plain" }, body: null },
  });
  await folder.decide();
  const [listed] = (await ledger.listQuarantine({})).items;
  const id = listed?.id ?? "";
  const item = await ledger.getQuarantined(id);
  expect(Buffer.from(item.bytes ?? "", "base64").toString()).toBe("{oops €");
  expect(item).toMatchObject({
    text: "{oops €",
    receipt: { via: "none", items: 1, headers: { "content-type": "text/plain" } },
  });
  expect(quarantinedDetailSchema.parse(item)).toEqual(item);
  expect((await ledger.getQuarantinedEntry(id)).key).toBe("x");
  const database = new Database(folder.paths.store);
  expect(resolveQuarantine(database, item.position, "replayed", NOON)).toBe(true);
  expect(resolveQuarantine(database, item.position, "replayed", NOON)).toBe(false);
  database.close();
  expect((await ledger.listQuarantine({})).items).toEqual([]);
  expect((await ledger.listQuarantine({ state: "resolved" })).items).toMatchObject([
    { id, resolution: "replayed" },
  ]);
  expect((await ledger.listQuarantine({ state: "all" })).items).toHaveLength(1);
});

test("an alert that is in quarantine, or not decided yet, says so", async () => {
  await folder.receive([aRejectedEntry("x", "{oops")]);
  const [item] = (await ledger.listQuarantine({})).items;
  await expect(ledger.getAlert(item?.id ?? "")).rejects.toMatchObject({
    hint: expect.stringContaining("about to be decided"),
  });
  expect(await ledger.getEvent(item?.id ?? "")).toMatchObject({ outcome: "in_flight" });
  await folder.decide();
  await expect(ledger.getAlert(item?.id ?? "")).rejects.toMatchObject({
    hint: expect.stringContaining("quarantine show"),
  });
  const event = await ledger.getEvent(item?.id ?? "");
  expect(event).toMatchObject({ outcome: "quarantined", reason: "unreadable", alert: null });
  expect(eventSchema.parse(event)).toEqual(event);
});

test("the figures count what waits and what there is", async () => {
  await receiveSome();
  await folder.deliver("desk", "rejected");
  await folder.receive([anEntry("z")]);
  const stats = await ledger.stats();
  expect(stats).toEqual({
    backlog: { entries: 1, oldest_age_ms: 60_000 },
    alerts: 3,
    unrouted: 1,
    quarantined: 0,
    destinations: [
      { name: "chat", pending: 2, oldest_pending_age_ms: 60_000, dead: 0 },
      { name: "desk", pending: 0, oldest_pending_age_ms: null, dead: 1 },
    ],
  });
  expect(statsSchema.parse(stats)).toEqual(stats);
  await folder.decide();
  expect((await ledger.stats()).alerts).toBe(4);
});

test("a long scan gives the thread back", async () => {
  const entries = Array.from({ length: 3000 }, (_, index) => anEntry(`k${index}`));
  await folder.receive(entries);
  await folder.decide();
  let turns = 0;
  let running = true;
  const count = (): void => {
    turns += 1;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  await ledger.listAlerts({ q: "nowhere: *" });
  running = false;
  expect(turns).toBeGreaterThan(5);
});

test("without data there is no ledger, and the error says what to do", () => {
  const paths = { ...folder.paths, store: `${folder.path}/none.db` };
  expect(() => openLedger(paths)).toThrow(
    expect.objectContaining({
      code: "DATA_MISSING",
      hint: expect.stringContaining("Start Tocsin"),
    }),
  );
});

test("data of a newer Tocsin is refused", () => {
  folder.tamper("store", "PRAGMA user_version = 99");
  expect(() => openLedger(folder.paths)).toThrow(expect.objectContaining({ code: "DATA_NEWER" }));
});
