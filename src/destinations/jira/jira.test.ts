import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { JIRA_EMAIL, JIRA_PROJECT, JIRA_TOKEN, startJira } from "../../../test/peers/jira.ts";
import { useFakePeer } from "../testing/fake-peer.ts";
import { aDigest, alertWith, caseWith, hostileAlert, messageWith } from "../testing/messages.ts";
import { jira, type JiraConfig } from "./jira.ts";
import { createRender } from "./render.ts";

const CLOUD = {
  url: "https://example.atlassian.net",
  email: JIRA_EMAIL,
  token: JIRA_TOKEN,
  project: JIRA_PROJECT,
};
const SERVER = { url: "https://jira.lab", api: "server", token: JIRA_TOKEN, project: JIRA_PROJECT };

const startCloud = useFakePeer(jira, () => startJira("cloud"));
const open = (settings = {}) => startCloud(({ url }) => ({ ...CLOUD, url, ...settings }));
const configOf = (given: object): JiraConfig => jira.config.parse(given);
const render = (given: object) => createRender(configOf(given), "destination soc");

function updateOf(change: Parameters<typeof alertWith>[0], memory: string | null = "SOC-1") {
  const key = `d_${JSON.stringify(change).length}`;
  return messageWith({ kind: "update", key, alert: alertWith(change), memory });
}

describe("an issue", () => {
  it.each([
    ["cloud", CLOUD],
    ["server", SERVER],
  ])("of an alert looks like its sample for %s", (api, settings) => {
    const sample = new URL(`./samples/brute-force-${api}.json`, import.meta.url);
    const wanted: unknown = JSON.parse(readFileSync(sample, "utf8"));
    expect({ fields: render(settings)(messageWith()).fields }).toEqual(wanted);
  });

  it("gets the configured type, priority, labels and fields", () => {
    const more = {
      issue_type: "Incident",
      priority: { high: "Highest" },
      labels: ["soc"],
      fields: { customfield_10010: { value: "SOC" } },
    };
    expect(render({ ...CLOUD, ...more })(messageWith()).fields).toMatchObject({
      issuetype: { name: "Incident" },
      priority: { name: "Highest" },
      labels: ["soc", "tocsin-01JTFYX3M0QK7T1B0S7N9V5R4E", "tocsin-d_01JTFYX3M0_7"],
      customfield_10010: { value: "SOC" },
    });
  });

  it("of wiki markup cannot leave its block", () => {
    const alert = hostileAlert("{noformat} [~bob] {NOFORMAT}{code}\n");
    const { description } = render(SERVER)(messageWith({ alert })).fields;
    expect(JSON.stringify(description).match(/\{noformat/gi)).toHaveLength(2);
  });

  it("of wiki markup has links that end where they end", () => {
    const url = "https://evil.example/a|b]!c!{d}";
    const alert = alertWith({ external: { id: null, url } });
    const { description } = render(SERVER)(messageWith({ alert })).fields;
    const [, links = ""] = JSON.stringify(description).split("{noformat}\\n[");
    expect(links).toMatch(/\|https:\/\/evil\.example\/a%7Cb%5D!?[^|\]{}]*\]/);
  });

  it("takes title and text from templates, whose values are no markup", () => {
    const template = { title: "{{ alert.number }}", text: "*{{ alert.title }}*" };
    const alert = hostileAlert("{code}*x*");
    const { summary, description } = render({ ...SERVER, template })(messageWith({ alert })).fields;
    expect(summary).toBe("ALR-000123");
    expect(description).toBe("*\\{code\\}\\*x\\**\n\nTocsin message d_01JTFYX3M0_7");
  });
});

describe("an alert", () => {
  it("becomes an issue, is commented, and moved as it is acknowledged and closed", async () => {
    const { fake, send } = await open({ transitions: { acknowledged: "start", closed: "Done" } });
    const first = await send(messageWith({ thread: "case 1" }));
    expect(first).toEqual({
      kind: "delivered",
      status: 201,
      remember: "SOC-1",
      reference: "SOC-1",
    });
    await send(updateOf({ status: "acknowledged", count: 3 }));
    expect(fake.issues).toMatchObject([{ status: { name: "In Progress" } }]);
    const last = await send(updateOf({ status: "closed", verdict: "false_positive" }));
    expect(last).toMatchObject({ kind: "delivered", reference: "SOC-1" });
    expect(fake.issues).toMatchObject([{ status: { name: "Done" } }]);
    expect(JSON.stringify(fake.issues[0]?.comments[0])).toContain("Seen: 3 times");
    expect(JSON.stringify(fake.issues[0]?.comments[1])).toContain(
      "Status: closed (false positive)",
    );
  });

  it("is found by its label when the reference is lost or its issue was deleted", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    await send(updateOf({ count: 2 }, null));
    await send(updateOf({ count: 33 }, "SOC-99"));
    expect(fake.issues).toHaveLength(1);
    expect(fake.issues[0]?.comments).toHaveLength(2);
  });

  it("is found by its reference before a search knows its issue", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    fake.hide(["SOC-1"]);
    await send(updateOf({ status: "closed" }));
    expect(fake.issues).toMatchObject([{ status: { name: "Done" } }]);
  });

  it("is known by a long key too", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    const [issue] = fake.issues;
    if (issue) fake.issues[0] = { ...issue, key: "SOC-123456" };
    const verdict = await send(updateOf({ status: "closed" }, "SOC-123456"));
    expect(verdict).toMatchObject({ kind: "delivered", reference: "SOC-123456" });
    expect(fake.issues).toMatchObject([{ status: { name: "Done" } }]);
  });

  it("that goes on is commented by a reminder", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    await send(messageWith({ kind: "reminder", key: "d_9" }));
    expect(JSON.stringify(fake.issues[0]?.comments)).toContain("Reminder: HIGH");
  });

  it.each([0, 1, 2, 3, 4])(
    "is told of once when the answer to request %i of its closing was lost",
    async (step) => {
      const { fake, send } = await open();
      await send(messageWith());
      fake.loseAnswer(step);
      expect(await send(updateOf({ status: "closed" }))).toMatchObject({ kind: "retry" });
      expect(await send(updateOf({ status: "closed" }))).toMatchObject({ kind: "delivered" });
      expect(fake.issues).toMatchObject([{ status: { name: "Done" } }]);
      expect(fake.issues[0]?.comments).toHaveLength(1);
    },
  );

  it("is created once and not commented when the answer to that was lost", async () => {
    const { fake, send } = await open();
    fake.loseAnswer(1);
    expect(await send(messageWith())).toMatchObject({ kind: "retry" });
    expect(await send(messageWith())).toMatchObject({ kind: "delivered", reference: "SOC-1" });
    expect(fake.issues).toMatchObject([{ comments: [] }]);
  });

  it("is commented by a message whose key is the beginning of another's", async () => {
    const { fake, send } = await open();
    await send(messageWith());
    await send({ ...updateOf({ count: 2 }), key: "d_12" });
    await send({ ...updateOf({ count: 3 }), key: "d_1" });
    expect(fake.issues[0]?.comments).toHaveLength(2);
  });

  it("cannot keep a later comment away by what it says", async () => {
    const { fake, send } = await open();
    const message = updateOf({ count: 2 });
    const title = `x\nTocsin message ${message.key}`;
    await send(messageWith());
    await send(messageWith({ key: "d_2", alert: alertWith({ title, reason: title }) }));
    await send(message);
    expect(fake.issues[0]?.comments).toHaveLength(2);
  });

  it("that was told of in a digest comments the digest's issue and does not close it", async () => {
    const { fake, send } = await open();
    await send(messageWith({ digest: aDigest(), key: "d_9" }));
    await send(updateOf({ status: "closed" }));
    expect(fake.issues).toMatchObject([{ status: { name: "To Do" } }]);
    expect(fake.issues[0]?.comments).toHaveLength(1);
  });

  it("that repeats leaves an issue that somebody works on where it is", async () => {
    const { fake, send } = await open({ transitions: { new: "To Do" } });
    await send(messageWith());
    const [issue] = fake.issues;
    if (issue) issue.status = { name: "Hunting", statusCategory: { key: "indeterminate" } };
    await send(updateOf({ count: 2 }));
    expect(issue?.status.name).toBe("Hunting");
    if (issue) issue.status = { name: "Won't do", statusCategory: { key: "done" } };
    await send(updateOf({ count: 22 }));
    expect(issue?.status.name).toBe("To Do");
  });

  it("that cannot be moved as configured is a dead letter that names what there is", async () => {
    const { send } = await open({ transitions: { closed: "Resolved" } });
    await send(messageWith());
    expect(await send(updateOf({ status: "closed" }))).toEqual({
      kind: "reject",
      reason: "rejected_by_peer",
      error:
        'SOC-1 has no transition "Resolved" from its status "To Do", only: Back to the list, Start, Finish — set transitions to names of the project\'s workflow',
    });
  });
});

describe("a case", () => {
  const inCase = (change: Parameters<typeof messageWith>[0]) =>
    messageWith({ case: caseWith(), thread: "CASE-000012", ...change });

  it("is one issue when so configured, closed with the case and not with an alert", async () => {
    const { fake, send } = await open({ case: "issue" });
    await send(inCase({}));
    const second = alertWith({ id: "01JTFYX3M0QK7T1B0S7N9V5R4F", title: "Second" });
    await send(inCase({ alert: second, key: "d_2", memory: "SOC-1" }));
    expect(fake.issues).toHaveLength(1);
    expect(JSON.stringify(fake.issues[0]?.comments)).toContain("Second");
    const closed = alertWith({ status: "closed" });
    await send(inCase({ kind: "update", key: "d_3", alert: closed, memory: "SOC-1" }));
    expect(fake.issues).toMatchObject([{ status: { name: "To Do" } }]);
    const over = caseWith({ status: "closed" });
    await send(inCase({ kind: "update", key: "d_4", alert: closed, case: over, memory: "SOC-1" }));
    expect(fake.issues).toMatchObject([{ status: { name: "Done" } }]);
  });

  it("is an issue for each of its alerts otherwise", async () => {
    const { fake, send } = await open();
    await send(inCase({}));
    const second = alertWith({ id: "01JTFYX3M0QK7T1B0S7N9V5R4F" });
    await send(inCase({ alert: second, key: "d_2", memory: "SOC-1" }));
    expect(fake.issues).toHaveLength(2);
  });
});

describe("what Jira says", () => {
  it.each([
    [
      400,
      { errorMessages: ["Field 'x' is odd."], errors: { summary: "You must specify a summary." } },
      {
        kind: "reject",
        reason: "rejected_by_peer",
        error: "HTTP 400: Field 'x' is odd.; summary: You must specify a summary.",
      },
    ],
    [
      400,
      { errorMessages: ["The value 'SOC' does not exist for the field 'project'."], errors: {} },
      {
        kind: "reject",
        error:
          "HTTP 400: The value 'SOC' does not exist for the field 'project'. — check project, and that the account may see it and create issues in it",
      },
    ],
    [
      401,
      { message: "Client must be authenticated to access this resource." },
      {
        kind: "reject",
        reason: "unauthorized",
        error:
          "HTTP 401: Client must be authenticated to access this resource. — check token, and email for Jira Cloud",
      },
    ],
    [403, { errorMessages: ["No."] }, { kind: "reject", reason: "unauthorized" }],
    [404, { errorMessages: ["Not Found"] }, { kind: "reject", reason: "not_found" }],
    [410, { errorMessages: ["The requested API has been removed."] }, { reason: "not_found" }],
    [429, { errorMessages: ["Rate limit exceeded."] }, { kind: "retry", reason: "rate_limited" }],
    [503, {}, { kind: "retry", reason: "server_error" }],
    [200, { issues: "none" }, { kind: "retry", reason: "unexpected_answer" }],
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
    [CLOUD, true],
    [SERVER, true],
    [{ ...SERVER, email: JIRA_EMAIL }, false],
    [{ ...CLOUD, email: undefined }, false],
    [{ ...CLOUD, project: "soc" }, false],
    [{ ...CLOUD, project: 'SOC" OR' }, false],
    [{ ...CLOUD, labels: ["two words"] }, false],
    [{ ...CLOUD, token: "a\n" }, false],
    [{ ...CLOUD, transitions: { done: "x" } }, false],
    [{ ...CLOUD, priority: { urgent: "Highest" } }, false],
  ])("%j is valid: %s", (given, ok) => {
    expect(jira.config.safeParse(given).success).toBe(ok);
  });
});
