import { describe, expect, it } from "vitest";
import {
  signSlack,
  SLACK_CHANNEL,
  SLACK_SIGNING_SECRET,
  SLACK_TOKEN,
} from "../../../test/peers/slack.ts";
import type { Press } from "../../../test/peers/slack-clicks.ts";
import { VERDICTS } from "../../alert/schema.ts";
import { createHttp } from "../../net/client.ts";
import type { CallbackAnswer } from "../callback.ts";
import type { Message } from "../destination.ts";
import { useFakeSlack } from "../testing/fake-slack.ts";
import { alertWith, contextWith, digestMessage, messageWith, NOW } from "../testing/messages.ts";
import { slack } from "./slack.ts";

const peer = useFakeSlack();
const actions = { signing_secret: SLACK_SIGNING_SECRET, users: { U012AB3CD: "alice" } };
const settings = () => ({ ...peer.asBot(), actions });

/** A destination whose clicks are read, and the only way out that it has. */
function reader(change: Record<string, unknown> = {}) {
  const http = createHttp({
    component: "destination soc",
    egress: { allow: [], deny: [] },
    connections: 1,
  });
  const urls: string[] = [];
  const watched = {
    ...http,
    request: (request: Parameters<typeof http.request>[0]) => {
      urls.push(request.url);
      return http.request(request);
    },
  };
  const config = slack.config.parse({ ...settings(), ...change });
  return { destination: slack.create(config, contextWith({ http: watched }).context), urls };
}

function read(
  { headers, body }: { headers: Record<string, string>; body: string },
  change: Record<string, unknown> = {},
): CallbackAnswer {
  const { destination } = reader(change);
  const answer = destination.callback?.({ headers, body: Buffer.from(body), now: NOW });
  if (!answer) throw new RangeError("it reads no clicks");
  return answer;
}

async function postWith(change: Partial<Message> = {}) {
  await peer.send(settings(), messageWith(change));
  const post = peer.fake.posts.at(-1);
  if (!post) throw new RangeError("nothing was posted");
  return post;
}

async function click(press: Partial<Press> & Pick<Press, "on">, change: Partial<Message> = {}) {
  return peer.fake.press({ post: await postWith(change), at: NOW, ...press });
}

const labelsOf = (payload: unknown) =>
  [...JSON.stringify(payload).matchAll(/"text":"([^"]*)","emoji":false\},"(?:url|action_id)/g)].map(
    ([, label]) => label,
  );

describe("the buttons", () => {
  it.each([
    ["new", ["Acknowledge", "Silence 1 h", "Close as…"]],
    ["acknowledged", ["Silence 1 h", "Close as…"]],
    ["closed", ["Reopen"]],
  ] as const)("of an alert that is %s are those that make sense", async (status, wanted) => {
    const { payload } = await postWith({ alert: alertWith({ status }) });
    expect(labelsOf(payload)).toEqual([...wanted, "Open in Tocsin", "Open at kibana.lab:5601"]);
  });

  it("carry the alert's number and nothing else of it", async () => {
    const { payload } = await postWith();
    const values = [...JSON.stringify(payload).matchAll(/"value":"([^"]*)"/g)].map(([, v]) => v);
    const options = VERDICTS.map((verdict) => `ALR-000123 ${verdict}`);
    expect(values).toEqual(["ALR-000123", "ALR-000123", ...options]);
  });

  it("are not there on a digest, nor without the setting", async () => {
    await peer.send(settings(), digestMessage(alertWith(), 3));
    await peer.send(peer.asBot(), messageWith());
    for (const { payload } of peer.fake.posts)
      expect(JSON.stringify(payload)).not.toContain("action_id");
  });
});

describe("a click", () => {
  it.each([
    ["Acknowledge", undefined, "new", { kind: "acknowledge" }],
    ["Silence 1 h", undefined, "new", { kind: "silence", duration: 3_600_000 }],
    ["Close as…", "false positive", "new", { kind: "close", verdict: "false_positive" }],
    ["Close as…", "benign", "acknowledged", { kind: "close", verdict: "benign" }],
    ["Reopen", undefined, "closed", { kind: "reopen" }],
  ] as const)("on %s %s is a deed by the mapped user", async (on, option, status, deed) => {
    const press = option === undefined ? { on } : { on, option };
    const answer = read(await click(press, { alert: alertWith({ status }) }));
    expect(answer).toMatchObject({
      kind: "deed",
      deed,
      alert: "ALR-000123",
      who: "alice (slack U012AB3CD)",
    });
  });

  it("that comes twice is read twice the same", async () => {
    const request = await click({ on: "Acknowledge" });
    const [first, second] = [read(request), read(request)];
    expect({ ...second, tell: null }).toEqual({ ...first, tell: null });
    expect(first.kind).toBe("deed");
  });

  it("on a button that only leads elsewhere asks for nothing, whoever it is", async () => {
    const request = await click({ on: "Open in Tocsin", user: "U0STRANGER" });
    expect(read(request)).toEqual({ kind: "nothing" });
  });

  it.each(["U0STRANGER", "constructor", "__proto__"])(
    "by %s is refused and told so",
    async (user) => {
      const answer = read(await click({ on: "Acknowledge", user }));
      expect(answer).toMatchObject({ kind: "refused", reason: "forbidden" });
      if (answer.kind !== "refused") return;
      await answer.tell?.(answer.message);
      expect(peer.fake.told).toMatchObject([
        { ephemeral: true, text: `the Slack user ${user} may not act on alerts` },
      ]);
    },
  );
});

describe("a signature", () => {
  const SECOND = 1000;
  it.each([
    ["that is right", {}, "deed"],
    ["as old as may be", { at: NOW - 300 * SECOND }, "deed"],
    ["as far ahead as may be", { at: NOW + 300 * SECOND }, "deed"],
    ["of another secret", { secret: "another" }, "signature_mismatch"],
    ["that is too old", { at: NOW - 301 * SECOND }, "timestamp_outside_tolerance"],
    ["of the future", { at: NOW + 301 * SECOND }, "timestamp_outside_tolerance"],
  ])("%s comes to %s %s", async (_what, press, wanted) => {
    const answer = read(await click({ on: "Acknowledge", ...press }));
    expectOutcome(answer, wanted);
  });

  it.each([
    ["missing", { "x-slack-signature": undefined }, "signature_missing"],
    ["without a time", { "x-slack-request-timestamp": undefined }, "timestamp_missing"],
    ["with no time", { "x-slack-request-timestamp": "soon" }, "timestamp_malformed"],
    ["cut", { "x-slack-signature": "v0=00" }, "signature_mismatch"],
    ["of another version", { "x-slack-signature": `v1=${"0".repeat(64)}` }, "signature_mismatch"],
    [
      "of another time",
      { "x-slack-request-timestamp": String(NOW / 1000 + 1) },
      "signature_mismatch",
    ],
  ])("that is %s is refused", async (_what, change, wanted) => {
    const { headers, body } = await click({ on: "Acknowledge" });
    const changed = Object.entries({ ...headers, ...change }).filter(([, value]) => value);
    expectOutcome(
      read({ headers: Object.fromEntries(changed) as Record<string, string>, body }),
      wanted,
    );
  });

  it("does not hold for another body", async () => {
    const { headers, body } = await click({ on: "Acknowledge" });
    const changed = body.replace("acknowledge", "reopen");
    expectOutcome(read({ headers, body: changed }), "signature_mismatch");
  });

  function expectOutcome(answer: CallbackAnswer, wanted: string) {
    if (wanted === "deed") return expect(answer.kind).toBe("deed");
    const message = `the signature does not hold: ${wanted}`;
    expect(answer).toMatchObject({ kind: "refused", reason: "unauthenticated", message });
  }
});

describe("what is signed and makes no sense", () => {
  it.each([
    ["no form", "{}"],
    ["a form without payload", "a=b"],
    ["a payload that is no JSON", "payload=%7B"],
    ["a payload of nothing", "payload=null"],
    ["a click without actions", clickOf({ actions: [] })],
    ["another interaction", clickOf({ type: "view_submission" })],
    ["nobody's click", clickOf({ user: {} })],
    ["empty", ""],
  ])("is refused: %s", (_what, body) => {
    const answer = read({ headers: signSlack(body, NOW), body });
    expect(answer).toMatchObject({ kind: "refused", reason: "invalid" });
  });

  it.each([
    ["tocsin.launch", "ALR-000123"],
    ["tocsin.acknowledge", "everything"],
    ["tocsin.acknowledge", "ALR-000123 benign"],
    ["tocsin.acknowledge", ""],
    ["tocsin.close", "ALR-000123"],
    ["tocsin.close", "ALR-000123 benign duplicate"],
    ["tocsin.close", "ALR-000123 guilty"],
  ])("is refused: the button %s with '%s'", (action_id, value) => {
    const body = clickOf({ actions: [{ action_id, value }] });
    const answer = read({ headers: signSlack(body, NOW), body });
    expect(answer).toMatchObject({ kind: "refused", reason: "invalid" });
  });

  it("is none of our business: a button of somebody else's", () => {
    const body = clickOf({ actions: [{ action_id: "deploy", value: "ALR-000123" }] });
    expect(read({ headers: signSlack(body, NOW), body })).toEqual({ kind: "nothing" });
  });

  function clickOf(change: object): string {
    const actions = [{ action_id: "tocsin.acknowledge", value: "ALR-000123" }];
    const payload = { type: "block_actions", user: { id: "U012AB3CD" }, actions, ...change };
    return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  }
});

describe("telling the person", () => {
  async function tell(text: string, response_url?: unknown, api_url?: string) {
    const { headers, body } = await click({
      on: "Acknowledge",
      ...(response_url === undefined ? {} : { forged: { response_url } }),
    });
    const { destination, urls } = reader(api_url === undefined ? {} : { api_url });
    const answer = destination.callback?.({ headers, body: Buffer.from(body), now: NOW });
    if (answer?.kind !== "deed") throw new RangeError("no deed");
    await answer.tell(text);
    return urls;
  }

  it("says it to nobody else, and as text", async () => {
    await tell("Done <!channel>\nreally");
    expect(peer.fake.told).toMatchObject([
      { ephemeral: true, text: "Done &lt;!channel&gt; really" },
    ]);
  });

  it.each([
    "http://hooks.slack.com/actions/T0/1/x",
    "https://hooks.slack.com.evil.example/actions/T0/1/x",
    "https://hooks.slack.com@evil.example/actions/T0/1/x",
    "https://user:pass@hooks.slack.com/actions/T0/1/x",
    "https://evil.example/hooks.slack.com",
    "https://hooks.slack.com:8443/actions/T0/1/x",
    "file:///etc/passwd",
    "http://169.254.169.254/latest",
    "not a URL",
  ])("never goes to %s", async (url) => {
    expect(await tell("Done.", url)).toEqual([]);
  });

  it("goes to the hooks of the Slack that the API belongs to", async () => {
    const url = "https://hooks.slack.invalid/actions/T0/1/x";
    expect(await tell("Done.", url, "https://slack.invalid/api")).toEqual([url]);
  });

  it("does not fail, whatever Slack says", async () => {
    await postWith();
    peer.fake.misbehave((_received, response) => void response.socket?.destroy());
    const post = peer.fake.posts.at(-1);
    if (!post) throw new RangeError("nothing was posted");
    const request = peer.fake.press({ post, on: "Acknowledge", at: NOW });
    const answer = read(request);
    if (answer.kind !== "deed") throw new RangeError("no deed");
    await expect(answer.tell("Done.")).resolves.toBeUndefined();
  });
});

describe("the setting", () => {
  const bot = { token: SLACK_TOKEN, channel: SLACK_CHANNEL };
  const hook = { webhook_url: "https://hooks.slack.com/services/a" };
  it.each([
    [{ ...bot, actions }, true],
    [{ ...hook, actions }, false],
    [{ ...bot, actions: { ...actions, users: {} } }, true],
    [{ ...bot, actions: { ...actions, users: { alice: "alice" } } }, false],
    [{ ...bot, actions: { ...actions, users: { U012AB3CD: "a\nb" } } }, false],
    [{ ...bot, actions: { users: {} } }, false],
    [{ ...bot, actions: { signing_secret: "a b", users: {} } }, false],
  ])("%j is valid: %s", (given, ok) => {
    expect(slack.config.safeParse(given).success).toBe(ok);
  });

  it("is what makes it read clicks", () => {
    const create = (given: object) =>
      slack.create(slack.config.parse(given), contextWith().context);
    expect(create({ ...bot, actions }).callback).toBeTypeOf("function");
    expect(create(bot).callback).toBeUndefined();
  });
});
