import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  IRIS_CUSTOMER,
  IRIS_KEY,
  IRIS_RESOLUTIONS,
  IRIS_SEVERITIES,
  IRIS_STATUSES,
  startIris,
  type IrisAlertRow,
} from "../../../test/peers/iris.ts";
import { useFakePeer } from "../testing/fake-peer.ts";
import { aDigest, alertWith, caseWith, hostileAlert, messageWith } from "../testing/messages.ts";
import { iris } from "./iris.ts";
import { createRender } from "./render.ts";

const OPTIONS = { customer: IRIS_CUSTOMER, iocs: true };
const render = createRender(OPTIONS, "destination soc");
const start = useFakePeer(iris, () => startIris());
const open = (settings = {}) =>
  start(({ url }) => ({ url, api_key: IRIS_KEY, customer: IRIS_CUSTOMER, ...settings }));

const updateOf = (change: Parameters<typeof alertWith>[0]) =>
  messageWith({ kind: "update", key: "d_2", alert: alertWith(change) });

const nameOf = (names: ReadonlyMap<string, number>, id: unknown) =>
  [...names].find(([, each]) => each === id)?.[0];
const statusOf = (row: IrisAlertRow | undefined) =>
  nameOf(IRIS_STATUSES, row?.fields["alert_status_id"]);

describe("a draft", () => {
  it("of an alert looks like its sample", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    const wanted: unknown = JSON.parse(readFileSync(sample, "utf8"));
    expect(render(messageWith())).toEqual(wanted);
  });

  it("holds no HTML of the alert's", () => {
    const { alert } = render(messageWith({ alert: hostileAlert("<img src=x onerror=alert(1)>,") }));
    expect(alert.alert_title + alert.alert_description + alert.alert_tags).not.toMatch(/[<>]/);
  });

  it("takes title and text from templates, whose values are no HTML", () => {
    const template = { title: "<b>{{ alert.title }}</b>", text: "{{ alert.number }}" };
    const { alert } = createRender(
      { ...OPTIONS, template },
      "soc",
    )(messageWith({ alert: alertWith({ title: "<i>" }) }));
    expect(alert.alert_title).toBe("<b>&lt;i&gt;</b>");
    expect(alert.alert_description).toBe("ALR-000123");
  });
});

describe("an alert", () => {
  it("is added with ids of its installation", async () => {
    const { fake, send } = await open();
    expect(await send(messageWith())).toMatchObject({ kind: "delivered", status: 200 });
    const [row] = fake.alerts;
    expect(nameOf(IRIS_SEVERITIES, row?.fields["alert_severity_id"])).toBe("High");
    expect(statusOf(row)).toBe("New");
    expect(row?.fields["iocs"]).toMatchObject([
      { ioc_value: "203.0.113.7", ioc_tags: "source" },
      { ioc_value: "http://login.example/x", ioc_tags: "related" },
      { ioc_value: "bob", ioc_tags: "target" },
    ]);
  });

  it("looks the ids up once", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    await send(updateOf({ count: 2 }));
    const lists = fake.received.filter(({ path }) => path.startsWith("/manage/"));
    expect(lists).toHaveLength(4);
  });

  it("is acknowledged, closed with its verdict, and opened again", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    await send(updateOf({ status: "acknowledged", count: 5 }));
    expect(statusOf(fake.alerts[0])).toBe("In progress");
    expect(fake.alerts[0]?.fields["alert_description"]).toContain("Seen: 5 times");
    await send(updateOf({ status: "closed", verdict: "false_positive" }));
    expect(statusOf(fake.alerts[0])).toBe("Closed");
    const resolution = fake.alerts[0]?.fields["alert_resolution_status_id"];
    expect(nameOf(IRIS_RESOLUTIONS, resolution)).toBe("False Positive");
    await send(updateOf({ status: "new" }));
    expect(statusOf(fake.alerts[0])).toBe("New");
    expect(fake.alerts).toHaveLength(1);
  });

  it("keeps the owner and the status that people gave it", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    await send(updateOf({ count: 2 }));
    expect(fake.alerts[0]?.fields["alert_owner_id"]).toBeNull();
    Object.assign(fake.alerts[0]?.fields ?? {}, {
      alert_owner_id: 42,
      alert_status_id: IRIS_STATUSES.get("Assigned"),
    });
    await send(updateOf({ status: "acknowledged" }));
    expect(fake.alerts[0]?.fields["alert_owner_id"]).toBe(42);
    expect(statusOf(fake.alerts[0])).toBe("Assigned");
  });

  it("with an IOC that IRIS refuses is added without IOCs, and says so", async () => {
    const { fake, send } = await open();
    const wrong = { type: "md5", value: "not a hash", role: "related", field: "f" } as const;
    const verdict = await send(messageWith({ alert: alertWith({ artifacts: [wrong] }) }));
    expect(verdict).toMatchObject({ kind: "delivered" });
    expect(fake.alerts[0]?.fields["alert_tags"]).toBe("tocsin,tlp:amber,ssh,iocs-refused");
  });

  it("hands over no IOCs when so configured", async () => {
    const { fake, send } = await open({ iocs: false });
    await send(messageWith());
    expect(fake.alerts[0]?.fields["iocs"]).toEqual([]);
  });

  it("of which there is another whose reference contains its own is added", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    const [row] = fake.alerts;
    if (row) row.fields = { ...row.fields, alert_source_ref: `copy of ${alertWith().id}` };
    await send(messageWith());
    expect(fake.alerts).toHaveLength(2);
  });

  it("is not added where IRIS is too old to look for its reference", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    const { alert_source_ref: _ref, ...others } = fake.alerts[0]?.fields ?? {};
    const alert = {
      ...others,
      alert_id: 1,
      alert_owner_id: null,
      alert_source_ref: "another",
      cases: [],
    };
    fake.misbehave((_received, response) => {
      response.end(JSON.stringify({ status: "success", data: { alerts: [alert] } }));
    });
    const error = expect.stringContaining("2.4.17") as string;
    expect(await send(messageWith())).toMatchObject({ kind: "reject", error });
  });

  it("of a digest has the message's key for its reference, and stays open", async () => {
    const { fake, send } = await open();
    await send(messageWith({ digest: aDigest(), key: "d_9" }));
    expect(fake.alerts[0]?.fields["alert_source_ref"]).toBe("d_9");
    await send(updateOf({ status: "closed" }));
    expect(fake.alerts.map(statusOf)).toEqual(["New", "Closed"]);
    await send({ ...updateOf({ status: "closed" }), digest: aDigest(), key: "d_9" });
    expect(fake.alerts.map(statusOf)).toEqual(["New", "Closed"]);
  });

  it("of another customer is another alert", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    Object.assign(fake.alerts[0]?.fields ?? {}, { alert_customer_id: IRIS_CUSTOMER + 1 });
    await send(messageWith());
    expect(fake.alerts).toHaveLength(2);
  });

  it("has each of its tags once, whatever they hold", async () => {
    const { alert } = render(messageWith({ alert: alertWith({ tags: ["a,b", '"c'], tlp: null }) }));
    expect(alert.alert_tags).toBe("tocsin,a b,c");
  });
});

describe("a case", () => {
  const second = alertWith({ id: "01JTFYX3M0QK7T1B0S7N9V5R4F", title: "Second" });

  it("is one case of IRIS when so configured", async () => {
    const { fake, send } = await open({ case: "merge" });
    await send(messageWith({ case: caseWith() }));
    await send(messageWith({ case: caseWith(), alert: second, key: "d_2" }));
    expect([...fake.cases.values()]).toEqual(["CASE-000012 Brute force on web-1"]);
    expect(fake.alerts.map(({ cases }) => cases)).toEqual([[1], [1]]);
    expect(fake.alerts.map(statusOf)).toEqual(["Escalated", "Merged"]);
  });

  it("has an alert once, however often it is told of", async () => {
    const { fake, send } = await open({ case: "merge" });
    await send(messageWith({ case: caseWith() }));
    await send({ ...updateOf({ count: 2 }), case: caseWith() });
    const joined = fake.received.filter(({ path }) => /escalate|merge/.test(path));
    expect(joined).toHaveLength(1);
  });

  it("takes an alert in that was told of before", async () => {
    const { fake, send } = await open({ case: "merge" });
    await send(messageWith());
    await send({ ...updateOf({ status: "closed" }), case: caseWith() });
    expect(fake.alerts).toMatchObject([{ cases: [1] }]);
    await send(messageWith({ case: caseWith(), alert: second, key: "d_3" }));
    expect(fake.alerts.map(({ cases }) => cases)).toEqual([[1], [1]]);
    expect(fake.alerts[0]?.fields["alert_tags"]).toBe("tocsin,tlp:amber,ssh,CASE-000012");
  });

  it.each([
    ["of another customer", { alert_customer_id: IRIS_CUSTOMER + 1 }],
    ["with a longer number", { alert_tags: "tocsin,CASE-0000123" }],
  ])("takes nothing from an alert %s", async (_what, other) => {
    const { fake, send } = await open({ case: "merge" });
    await send(messageWith({ case: caseWith() }));
    Object.assign(fake.alerts[0]?.fields ?? {}, other);
    await send(messageWith({ case: caseWith(), alert: second, key: "d_2" }));
    expect(fake.alerts.map(({ cases }) => cases)).toEqual([[1], [2]]);
  });

  it("is not what the tags of an alert say", async () => {
    const { fake, send } = await open({ case: "merge" });
    const liar = alertWith({ tags: ["CASE-000012", "case-000012 "] });
    await send(messageWith({ case: caseWith({ id: "CASE-000099" }), alert: liar }));
    await send(messageWith({ case: caseWith(), alert: second, key: "d_2" }));
    expect(fake.alerts.map(({ cases }) => cases)).toEqual([[1], [2]]);
  });

  it.each([0, 1, 2, 3])("is made once when the answer to request %i was lost", async (step) => {
    const { fake, send } = await open({ case: "merge" });
    await send(messageWith());
    const message = messageWith({ case: caseWith(), alert: second, key: "d_2" });
    fake.loseAnswer(step + 1);
    expect(await send(message)).toMatchObject({ kind: "retry" });
    expect(await send(message)).toMatchObject({ kind: "delivered" });
    expect(fake.cases.size).toBe(1);
    expect(fake.alerts).toMatchObject([{ cases: [] }, { cases: [1] }]);
  });

  it("is left to IRIS otherwise", async () => {
    const { fake, send } = await open();
    await send(messageWith({ case: caseWith() }));
    expect(fake.cases.size).toBe(0);
  });
});

describe("what IRIS says", () => {
  const error = (message: string) => ({ status: "error", message, data: [] });
  it.each([
    [
      400,
      error("User not entitled to create alerts for the client"),
      {
        kind: "reject",
        reason: "rejected_by_peer",
        error:
          "HTTP 400: User not entitled to create alerts for the client — give the account access to the customer",
      },
    ],
    [
      401,
      error("Authentication required"),
      { reason: "unauthorized", error: "HTTP 401: Authentication required — check api_key" },
    ],
    [
      403,
      error("Permission denied"),
      { error: "HTTP 403: Permission denied — the account needs alerts_read and alerts_write" },
    ],
    [404, error("Not found"), { kind: "reject", reason: "not_found" }],
    [429, {}, { kind: "retry", reason: "rate_limited" }],
    [502, {}, { kind: "retry", reason: "server_error" }],
    [200, error("?"), { kind: "retry", reason: "unexpected_answer" }],
  ])("with %i comes to its verdict", async (status, body, wanted) => {
    const { fake, send } = await open({ iocs: false });
    fake.misbehave((_received, response) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    }, 5);
    expect(await send(messageWith())).toMatchObject(wanted);
  });
});
