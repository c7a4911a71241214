import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  SLACK_CHANNEL,
  SLACK_SIGNING_SECRET,
  SLACK_TOKEN,
  startSlack,
  type FakeSlack,
  type SlackPost,
} from "../peers/slack.ts";
import type { Press, SignedRequest } from "../peers/slack-clicks.ts";
import { request, startScene, type Answer, type Scene } from "./program.ts";

let slack: FakeSlack;
let scene: Scene;

beforeAll(async () => {
  slack = await startSlack();
  const env = { SLACK_TOKEN, SLACK_SIGNING_SECRET };
  scene = await startScene(
    `
sources: { in: { kind: generic } }
destinations:
  soc-slack:
    kind: slack
    token: \${env:SLACK_TOKEN}
    channel: ${SLACK_CHANNEL}
    api_url: ${slack.apiUrl}
    rate: { max: 1000, per: 1s }
    actions:
      signing_secret: \${env:SLACK_SIGNING_SECRET}
      users: { U012AB3CD: alice, W0B0B0B0B: bob }
  out: { kind: file, path: "./out.ndjson" }
routes: [{ name: all, to: [soc-slack] }]
`,
    env,
  );
});
afterAll(async () => {
  await scene.stop();
  await slack.close();
});
beforeEach(() => {
  slack.told.length = 0;
});

const ALICE = "alice (slack U012AB3CD)";
let hosts = 0;

/** Sends an alert of a host, and answers its number when that is decided. */
async function sendAlert(host: string): Promise<string> {
  const event = { title: `Odd login ${performance.now()}`, severity: "high", rule: { id: "odd" } };
  const body = JSON.stringify({ ...event, host: { name: host } });
  const taken = await scene.post("/v1/ingest/in", body);
  return vi.waitFor(async () => {
    const { status, json } = await scene.get(`/api/v1/alerts/${taken.json.events[0].id}`);
    expect(status).toBe(200);
    return json.number as string;
  });
}

/** The message about an alert, as it stands in the channel by now. */
function postOf(number: string): SlackPost {
  const post = slack.posts.find(({ payload }) => JSON.stringify(payload).includes(number));
  if (!post) throw new RangeError(`there is no message about ${number}`);
  return post;
}

/** An alert of a host of its own, with its message. */
async function alertInSlack(): Promise<{ readonly number: string; readonly host: string }> {
  const host = `web-${(hosts += 1)}`;
  const number = await sendAlert(host);
  await vi.waitFor(() => postOf(number));
  return { number, host };
}

function post({ headers, body }: SignedRequest, name = "soc-slack"): Promise<Answer> {
  return request(`${scene.url}/v1/callback/${name}`, { method: "POST", headers, body });
}

async function click(number: string, press: Omit<Press, "post">): Promise<Answer> {
  return post(slack.press({ post: postOf(number), ...press }));
}

async function alertOf(number: string) {
  const { json } = await scene.get(`/api/v1/alerts/${number}`);
  return json as Record<string, string | null>;
}

/** Who did what to an alert, as it is written down. */
async function deedsOn(number: string): Promise<unknown[]> {
  const { json } = await scene.get(`/api/v1/alerts/${number}`);
  return json.actions.map(({ who, detail }: { who: string; detail: { status: unknown } }) => {
    return [who, detail.status];
  });
}

/** What people were told, once so much was said. */
async function toldTexts(count: number): Promise<string[]> {
  await vi.waitFor(() => expect(slack.told).toHaveLength(count));
  expect(slack.told.every(({ ephemeral }) => ephemeral)).toBe(true);
  return slack.told.map(({ text }) => text);
}

const headingOf = (number: string) => JSON.stringify(postOf(number).payload["blocks"]);

describe("a click in Slack", () => {
  test("acknowledges the alert in the name of the person, who is told, and the message shows it", async () => {
    const { number } = await alertInSlack();
    const answer = await click(number, { on: "Acknowledge" });
    expect([answer.status, answer.text]).toEqual([200, ""]);
    expect(await alertOf(number)).toMatchObject({ status: "acknowledged" });
    expect(await toldTexts(1)).toEqual([`${number} is acknowledged.`]);
    expect(await deedsOn(number)).toEqual([[ALICE, "acknowledged"]]);
    await vi.waitFor(() => expect(headingOf(number)).toContain("[ACKNOWLEDGED]"));
    expect(() => slack.press({ post: postOf(number), on: "Acknowledge" })).toThrow("has no");
  });

  test("closes the alert with a verdict, and reopens it", async () => {
    const { number } = await alertInSlack();
    await click(number, { on: "Close as…", option: "false positive" });
    expect(await alertOf(number)).toMatchObject({ status: "closed", verdict: "false_positive" });
    await vi.waitFor(() => expect(headingOf(number)).toContain("[CLOSED]"));
    await click(number, { on: "Reopen", user: "W0B0B0B0B" });
    expect(await alertOf(number)).toMatchObject({ status: "new", verdict: null });
    expect(await toldTexts(2)).toEqual([
      `${number} is closed as false positive.`,
      `${number} is open again.`,
    ]);
    expect(await deedsOn(number)).toEqual([
      [ALICE, "closed"],
      ["bob (slack W0B0B0B0B)", "new"],
    ]);
  });

  test("silences what happens again, once however often it is clicked", async () => {
    const { number, host } = await alertInSlack();
    const request = slack.press({ post: postOf(number), on: "Silence 1 h" });
    const answers = await Promise.all([post(request), post(request), post(request)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { json } = await scene.get("/api/v1/silences?state=active");
    expect(json.items).toMatchObject([{ author: ALICE, comment: expect.stringContaining(number) }]);
    const [silence] = json.items;
    expect(Date.parse(silence.until) - Date.parse(silence.from)).toBe(3_600_000);
    const end = `by ${silence.id} until ${silence.until}.`;
    expect(await toldTexts(3)).toEqual([
      `Alerts like ${number} are silenced, ${end}`,
      `Alerts like ${number} are silenced already, ${end}`,
      `Alerts like ${number} are silenced already, ${end}`,
    ]);
    const next = await sendAlert(host);
    const { json: held } = await scene.get(`/api/v1/alerts/${next}/explain`);
    expect(JSON.stringify(held)).toContain(silence.id);
    await alertInSlack();
    expect(() => postOf(next)).toThrow("there is no message");
  });

  test("that comes too late is answered in plain words, and changes nothing", async () => {
    const { number } = await alertInSlack();
    const stale = slack.press({ post: postOf(number), on: "Acknowledge" });
    await click(number, { on: "Close as…", option: "benign" });
    expect((await post(stale)).status).toBe(200);
    expect((await toldTexts(2))[1]).toBe(`Nothing was done: ${number} is closed. Reopen it first.`);
    expect(await alertOf(number)).toMatchObject({ status: "closed", verdict: "benign" });
  });

  test("on an alert that is not there says so", async () => {
    const { number } = await alertInSlack();
    const actions = [{ action_id: "tocsin.acknowledge", value: "ALR-099999" }];
    await click(number, { on: "Acknowledge", forged: { actions } });
    expect((await toldTexts(1))[0]).toMatch(/^Nothing was done: there is no alert ALR-099999\. /);
  });

  test("comes from Slack's own message with everything in it, in any script", async () => {
    const number = await sendAlert("网".repeat(12_000));
    await vi.waitFor(() => postOf(number));
    const message = { text: "警".repeat(13_000) };
    const answer = await click(number, { on: "Acknowledge", forged: { message } });
    expect(answer.status).toBe(200);
    expect(await alertOf(number)).toMatchObject({ status: "acknowledged" });
  });
});

describe("nothing changes by", () => {
  test.each([
    ["an unsigned click", { "x-slack-signature": "" }],
    ["a click with another signature", { "x-slack-signature": `v0=${"0".repeat(64)}` }],
    ["a click at another time", { "x-slack-request-timestamp": "1700000000" }],
  ])("%s", async (_what, change) => {
    const { number } = await alertInSlack();
    const { headers, body } = slack.press({ post: postOf(number), on: "Acknowledge" });
    const answer = await post({ headers: { ...headers, ...change }, body });
    expect(answer.json).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(await alertOf(number)).toMatchObject({ status: "new" });
    expect(slack.told).toEqual([]);
  });

  test("a click of somebody who is not known, who is told", async () => {
    const { number } = await alertInSlack();
    const answer = await click(number, { on: "Acknowledge", user: "U0STRANGER" });
    expect(answer.json).toMatchObject({ status: 403, code: "FORBIDDEN" });
    expect((await toldTexts(1))[0]).toMatch(/^Nothing was done: .* U0STRANGER may not act/);
    expect(await alertOf(number)).toMatchObject({ status: "new" });
  });

  test("an administrator's key in the place of a signature", async () => {
    const { number } = await alertInSlack();
    const { body } = slack.press({ post: postOf(number), on: "Acknowledge" });
    const headers = { authorization: `Bearer ${scene.adminKey}` };
    expect((await post({ headers, body })).status).toBe(401);
  });

  test("what is no click", async () => {
    const { number } = await alertInSlack();
    const press = { on: "Acknowledge", forged: { type: "view_submission" } };
    expect((await click(number, press)).json).toMatchObject({ status: 400 });
  });

  test.each(["nobody", "out", "constructor"])("a click for the destination %s", async (name) => {
    const { number } = await alertInSlack();
    const request = slack.press({ post: postOf(number), on: "Acknowledge" });
    expect((await post(request, name)).json).toMatchObject({ status: 404, code: "NOT_FOUND" });
  });

  test("a body that is too long", async () => {
    const body = "x".repeat(300 * 1024);
    const { json } = await post({ headers: {}, body });
    expect(json).toMatchObject({ status: 413, code: "LIMIT_EXCEEDED" });
  });

  test("GET", async () => {
    expect((await scene.get("/v1/callback/soc-slack")).status).toBe(404);
  });
});

test("clicks beyond all reason are put off", async () => {
  const { number } = await alertInSlack();
  const forged = Array.from({ length: 150 }, () => post({ headers: {}, body: "" }));
  const refused = await Promise.all(forged);
  // Whoever cannot sign keeps nobody from clicking.
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([401]));
  const signed = slack.press({ post: postOf(number), on: "Acknowledge" });
  const answers = await Promise.all(Array.from({ length: 150 }, () => post(signed)));
  const late = answers.filter(({ status }) => status === 429);
  expect(late.length).toBeGreaterThan(0);
  expect(Number(late[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(answers.some(({ status }) => status === 200)).toBe(true);
});
