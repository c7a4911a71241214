import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  SERVICENOW_PASSWORD,
  SERVICENOW_TOKEN,
  SERVICENOW_USER,
  startServiceNow,
} from "../../../test/peers/servicenow.ts";
import { useFakePeer } from "../testing/fake-peer.ts";
import { aDigest, alertWith, hostileAlert, messageWith } from "../testing/messages.ts";
import { createRender } from "./render.ts";
import { servicenow } from "./servicenow.ts";

const start = useFakePeer(servicenow, () => startServiceNow());
const open = (settings = {}) => start(({ url }) => ({ url, token: SERVICENOW_TOKEN, ...settings }));
const OPTIONS = { urgency: {}, impact: {}, fields: {} };
const render = createRender(OPTIONS, "destination soc");
const FIRST = "1".padStart(32, "0");

const updateOf = (change: Parameters<typeof alertWith>[0], memory: string | null = null) =>
  messageWith({
    kind: "update",
    key: `d_${JSON.stringify(change).length}`,
    alert: alertWith(change),
    memory,
  });

describe("a record", () => {
  it("of an alert looks like its sample", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    const wanted: unknown = JSON.parse(readFileSync(sample, "utf8"));
    expect(render(messageWith()).record).toEqual(wanted);
  });

  it.each([
    ["critical", "1", "1"],
    ["high", "1", "2"],
    ["medium", "2", "2"],
    ["low", "3", "3"],
    ["informational", "3", "3"],
    ["unknown", "2", "2"],
  ] as const)("of severity %s has urgency %s and impact %s", (severity, urgency, impact) => {
    const { record } = render(messageWith({ alert: alertWith({ severity }) }));
    expect(record).toMatchObject({ urgency, impact });
  });

  it("gets the configured fields and levels", () => {
    const options = { urgency: { high: "3" }, impact: {}, fields: { category: "security" } };
    const { record } = createRender(options, "soc")(messageWith());
    expect(record).toMatchObject({ category: "security", urgency: "3", impact: "2" });
  });

  it("holds no markup of work notes", () => {
    const { record, note } = render(messageWith({ alert: hostileAlert("[code]<b>[/CODE]") }));
    expect(JSON.stringify([record, note])).not.toMatch(/\[\/?code\]/i);
  });

  it("takes its texts from templates", () => {
    const template = { title: "{{ alert.number }}", text: "T", comment: "seen {{ counts.seen }}" };
    const { record, note } = createRender({ ...OPTIONS, template }, "soc")(messageWith());
    expect(record).toMatchObject({ short_description: "ALR-000123", description: "T" });
    expect(note).toBe("seen 1\nTocsin message d_01JTFYX3M0_7");
  });
});

describe("an alert", () => {
  it("becomes an incident, is noted, and resolved with it", async () => {
    const { fake, send } = await open();
    const first = await send(messageWith());
    expect(first).toEqual({ kind: "delivered", status: 201, reference: FIRST });
    await send(updateOf({ status: "acknowledged", count: 3 }));
    expect(fake.incidents[0]?.fields["state"]).toBe("2");
    await send(updateOf({ status: "closed", verdict: "benign" }));
    expect(fake.incidents[0]?.fields).toMatchObject({
      state: "6",
      close_code: "Solution provided",
      close_notes: "ALR-000123 was closed in Tocsin as benign.",
    });
    expect(fake.incidents[0]?.notes[0]).toContain("Seen: 3 times");
    expect(fake.incidents[0]?.notes[1]).toContain("Status: closed (benign)");
  });

  it("that goes on is noted by a reminder and moves nothing", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    await send(messageWith({ kind: "reminder", key: "d_9" }));
    expect(fake.incidents).toMatchObject([{ fields: { state: "1" } }]);
    expect(fake.incidents[0]?.notes[0]).toContain("Reminder: HIGH");
    Object.assign(fake.incidents[0]?.fields ?? {}, { state: "6" });
    await send(messageWith({ kind: "reminder", key: "d_10" }));
    expect(fake.incidents).toMatchObject([{ fields: { state: "6" } }]);
  });

  it("that is open again opens its incident again", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    await send(updateOf({ status: "closed" }));
    await send(updateOf({ status: "new", count: 2 }));
    expect(fake.incidents[0]?.fields["state"]).toBe("2");
  });

  it("does not move an incident that people have moved on", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    Object.assign(fake.incidents[0]?.fields ?? {}, { state: "3" });
    await send(updateOf({ status: "acknowledged" }));
    expect(fake.incidents[0]?.fields["state"]).toBe("3");
    Object.assign(fake.incidents[0]?.fields ?? {}, { state: "7" });
    await send(updateOf({ status: "closed" }));
    expect(fake.incidents[0]?.fields["state"]).toBe("7");
  });

  it.each([0, 1, 2])("is noted once when the answer to request %i was lost", async (step) => {
    const { fake, send } = await open();
    await send(messageWith());
    fake.loseAnswer(step);
    expect(await send(updateOf({ status: "closed" }))).toMatchObject({ kind: "retry" });
    expect(await send(updateOf({ status: "closed" }))).toMatchObject({ kind: "delivered" });
    expect(fake.incidents).toMatchObject([{ fields: { state: "6" } }]);
    expect(fake.incidents[0]?.notes).toHaveLength(1);
  });

  it("is created once and not noted when the answer to that was lost", async () => {
    const { fake, send } = await open();
    fake.loseAnswer(1);
    expect(await send(messageWith())).toMatchObject({ kind: "retry" });
    expect(await send(messageWith())).toMatchObject({ kind: "delivered", reference: FIRST });
    expect(fake.incidents).toMatchObject([{ notes: [] }]);
  });

  it("is found by a key that looks like a condition", async () => {
    const { fake, send } = await open();
    const digest = messageWith({ digest: aDigest(), key: "d^ORstate=1" });
    await send(digest);
    await send(digest);
    expect(fake.incidents).toHaveLength(1);
  });

  it("cannot keep a later note away by what it says", async () => {
    const { fake, send } = await open();
    const message = updateOf({ count: 2 });
    const reason = `x\nTocsin message ${message.key}`;
    await send(messageWith());
    await send(messageWith({ key: "d_2", alert: alertWith({ reason, title: reason }) }));
    await send(message);
    expect(fake.incidents[0]?.notes).toHaveLength(2);
  });

  it("that was told of in a digest is noted there and resolves nothing", async () => {
    const { fake, send } = await open();
    await send(messageWith({ digest: aDigest(), key: "d_9" }));
    await send(updateOf({ status: "closed" }, FIRST));
    expect(fake.incidents).toMatchObject([{ fields: { state: "1", correlation_id: "d_9" } }]);
    expect(fake.incidents[0]?.notes).toHaveLength(1);
  });

  it("is noted also where the destination's name is as long as one may be", async () => {
    const { fake, send } = await open();
    const key = `${alertWith().id}-${"n".repeat(63)}`;
    await send(messageWith({ key }));
    await send({ ...updateOf({ status: "closed" }), key: `${key}~1` });
    await send({ ...updateOf({ status: "closed" }), key: `${key}~1` });
    expect(fake.incidents).toMatchObject([{ fields: { state: "6" } }]);
    expect(fake.incidents[0]?.notes).toHaveLength(1);
  });

  it("whose incident was deleted gets another", async () => {
    const { fake, send } = await open();
    await send(updateOf({ count: 2 }, "f".repeat(32)));
    expect(fake.incidents).toHaveLength(1);
  });

  it("is not taken for another where the instance answers with all there are", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    Object.assign(fake.incidents[0]?.fields ?? {}, { correlation_id: "someone else's" });
    fake.misbehave((_received, response) => {
      fake.misbehave(undefined);
      response.end(JSON.stringify({ result: fake.incidents.map(({ fields }) => fields) }));
    });
    await send(messageWith());
    expect(fake.incidents).toHaveLength(2);
  });
});

describe("what ServiceNow says", () => {
  const error = (message: string, detail: string | null) => ({
    error: { message, detail },
    status: "failure",
  });
  it.each([
    [
      400,
      error("Invalid table incidents", null),
      {
        kind: "reject",
        reason: "rejected_by_peer",
        error: "HTTP 400: Invalid table incidents — check table",
      },
    ],
    [
      401,
      error("User Not Authenticated", "Required to provide Auth information"),
      {
        reason: "unauthorized",
        error:
          "HTTP 401: User Not Authenticated: Required to provide Auth information — check username and password, or token",
      },
    ],
    [
      403,
      error("Operation Failed", "ACL Exception Insert Failed due to security constraints"),
      {
        reason: "unauthorized",
        error:
          "HTTP 403: Operation Failed: ACL Exception Insert Failed due to security constraints — the account needs the role itil, or one that may create and write records of the table",
      },
    ],
    [
      403,
      error(
        "Operation Failed",
        "Data Policy Exception: The following fields are mandatory: Caller",
      ),
      {
        error:
          "HTTP 403: Operation Failed: Data Policy Exception: The following fields are mandatory: Caller — set the fields that the instance demands, with fields and close_code",
      },
    ],
    [404, error("No Record found", null), { kind: "reject", reason: "not_found" }],
    [429, error("Rate limit exceeded", null), { kind: "retry", reason: "rate_limited" }],
    [500, {}, { kind: "retry", reason: "server_error" }],
    [200, { result: "Your instance is hibernating" }, { reason: "unexpected_answer" }],
  ])("with %i comes to its verdict", async (status, body, wanted) => {
    const { fake, send } = await open();
    fake.misbehave((_received, response) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    expect(await send(messageWith())).toMatchObject(wanted);
  });
});

describe("the configuration", () => {
  const url = "https://example.service-now.com";
  const basic = { username: SERVICENOW_USER, password: SERVICENOW_PASSWORD };
  it.each([
    [{ url, ...basic }, true],
    [{ url, token: SERVICENOW_TOKEN }, true],
    [{ url }, false],
    [{ url, username: SERVICENOW_USER }, false],
    [{ url, ...basic, token: SERVICENOW_TOKEN }, false],
    [{ url, ...basic, table: "../x" }, false],
    [{ url, ...basic, urgency: { high: "4" } }, false],
    [{ url, ...basic, fields: { "a^b": "1" } }, false],
  ])("%j is valid: %s", (given, ok) => {
    expect(servicenow.config.safeParse(given).success).toBe(ok);
  });
});
