import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import {
  HEC_INDEX,
  HEC_TOKEN,
  startSplunk,
  type SplunkOptions,
} from "../../../test/peers/splunk-hec.ts";
import { createHttp } from "../../net/client.ts";
import type { Destination, Message, Verdict } from "../destination.ts";
import { aDigest, alertWith, contextWith, messageWith, sendingWith } from "../testing/messages.ts";
import { createRender } from "./render.ts";
import { splunkHec } from "./splunk-hec.ts";

const CHANNEL = "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function startWith(own: object = {}, options: SplunkOptions = {}) {
  const splunk = await startSplunk(options);
  const egress = { allow: [], deny: [] };
  const http = createHttp({ component: "destination soc", egress, connections: 4 });
  open.push(splunk, http);
  const settings = splunkHec.config.parse({ url: splunk.url, token: HEC_TOKEN, ...own });
  return { splunk, to: splunkHec.create(settings, contextWith({ http }).context) };
}

/** Sends them at the same time. */
async function send(to: Destination<string>, messages: readonly Message[]): Promise<Verdict[]> {
  const { sending } = sendingWith();
  return await Promise.all(messages.map((each) => to.send(to.render(each), each, sending)));
}

const numbered = (number: number) => messageWith({ key: `d_${number}` });
const keysOf = (events: readonly Record<string, unknown>[]) =>
  events.map(({ fields }) => (fields as { message_key: string }).message_key);
const says = (text: string) => expect.stringContaining(text) as string;

describe("an event", () => {
  const render = createRender({ source: "tocsin", sourcetype: "tocsin:alert", index: "soc" });

  it("renders its sample as before", () => {
    const sample = readFileSync(new URL("./samples/brute-force.json", import.meta.url), "utf8");
    expect(JSON.parse(render(messageWith()))).toEqual(JSON.parse(sample));
  });

  it("has its time in seconds, with milliseconds and without an exponent", () => {
    const alert = alertWith({ event_time: "2026-05-05T09:58:10.123Z" });
    expect(render(messageWith({ alert }))).toMatch(/"time":1777975090\.123,/);
  });

  it("has texts alone as indexed fields, also of a digest", () => {
    const { fields } = JSON.parse(render(messageWith({ digest: aDigest() }))) as { fields: object };
    expect(fields).toMatchObject({ message_kind: "digest", severity: "high" });
    expect(Object.values(fields).every((value) => typeof value === "string")).toBe(true);
  });

  it("names its host as configured, else as the alert does, else not", () => {
    const hostOf = (host: string | undefined, hosts: string[]) => {
      const alert = alertWith({ entities: { hosts, users: [], ips: [] } });
      const event = createRender({ source: "t", sourcetype: "t", host })(messageWith({ alert }));
      return (JSON.parse(event) as { host?: string }).host;
    };
    expect(hostOf("here", ["web-1"])).toBe("here");
    expect(hostOf(undefined, ["web-1", "web-2"])).toBe("web-1");
    expect(hostOf(undefined, [])).toBeUndefined();
  });
});

describe("events that are sent at the same time", () => {
  it("go in one request, one after the other", async () => {
    const { splunk, to } = await startWith({ index: HEC_INDEX });
    const verdicts = await send(to, [1, 2, 3].map(numbered));
    expect(verdicts.map(({ kind }) => kind)).toEqual(Array(3).fill("delivered"));
    expect(splunk.received).toHaveLength(1);
    expect(keysOf(splunk.events)).toEqual(["d_1", "d_2", "d_3"]);
  });

  it.each([
    [0, ["reject", "delivered", "delivered"], ["d_2", "d_3"]],
    [1, ["delivered", "reject", "delivered"], ["d_1", "d_3"]],
    [2, ["delivered", "delivered", "reject"], ["d_1", "d_2"]],
  ])(
    "are in as far as the wrong one, number %i, and the rest is sent again",
    async (wrong, kinds, keys) => {
      const { splunk, to } = await startWith();
      const { sending } = sendingWith();
      const verdicts = await Promise.all(
        [1, 2, 3].map((each, number) => {
          const message = numbered(each);
          const event = to.render(message);
          const sent = number === wrong ? event.replace('"event":{', '"even":{') : event;
          return to.send(sent, message, sending);
        }),
      );
      expect(verdicts.map(({ kind }) => kind)).toEqual(kinds);
      expect(keysOf(splunk.events)).toEqual(keys);
    },
  );

  it.each([6, 12, 13, 15])("are sent apart at code %i without a number that fits", async (code) => {
    const { splunk, to } = await startWith();
    const refusal = { text: "Invalid data format", code, "invalid-event-number": 7 };
    splunk.misbehave(({ body }, response) => {
      const isOne = !body.includes("\n");
      response.writeHead(isOne ? 200 : 400, { "content-type": "application/json" });
      response.end(JSON.stringify(isOne ? { text: "Success", code: 0 } : refusal));
    });
    const verdicts = await send(to, [1, 2, 3].map(numbered));
    expect(verdicts.map(({ kind }) => kind)).toEqual(Array(3).fill("delivered"));
    expect(splunk.received).toHaveLength(5);
  });

  it("are all refused for an index that the token may not write to", async () => {
    const { splunk, to } = await startWith({ index: "another" });
    const wanted = {
      kind: "reject",
      reason: "rejected_by_peer",
      status: 400,
      error: says("code 7"),
    };
    expect(await send(to, [1, 2].map(numbered))).toMatchObject([wanted, wanted]);
    expect(splunk.received).toHaveLength(1);
  });

  it.each([
    ["something on the way refuses", "<html>"],
    ["Splunk itself refuses", '{"text":"Request entity too large","code":27}'],
  ])("are sent in halves where %s their size", async (_who, refusal) => {
    const { splunk, to } = await startWith();
    splunk.misbehave(({ body }, response) => {
      if (body.includes("\n")) return void response.writeHead(413).end(refusal);
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"text":"Success","code":0}');
    });
    expect((await send(to, [1, 2, 3].map(numbered))).map(({ kind }) => kind)).toEqual(
      Array(3).fill("delivered"),
    );
  });
});

describe("an answer", () => {
  it("that Splunk is busy is waited out", async () => {
    const { splunk, to } = await startWith();
    splunk.busy = true;
    const wanted = { kind: "retry", reason: "rate_limited", status: 503, error: says("code 9") };
    expect(await send(to, [messageWith()])).toMatchObject([wanted]);
    splunk.busy = false;
    expect(await send(to, [messageWith()])).toMatchObject([{ kind: "delivered" }]);
  });

  it.each([
    [401, 2, "Token is required", "unauthorized", "set the token"],
    [403, 1, "Token disabled", "unauthorized", "enable the token"],
    [401, 3, "Invalid authorization", "unauthorized", "without the word Splunk"],
    [403, 4, "Invalid token", "unauthorized", "check the token"],
    [400, 10, "Data channel is missing", "rejected_by_peer", "set channel"],
    [400, 11, "Invalid data channel", "rejected_by_peer", "must be a GUID"],
    [400, 14, "ACK is disabled", "rejected_by_peer", "leave channel out"],
    [400, 5, "No data", "rejected_by_peer", "code 5"],
  ])(
    "%i with code %i, %s, is a rejection with a hint",
    async (status, code, text, reason, hint) => {
      const { splunk, to } = await startWith();
      splunk.misbehave((_received, response) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify({ text, code }));
      });
      const verdicts = await send(to, [messageWith()]);
      expect(verdicts).toMatchObject([{ kind: "reject", reason, status, error: says(hint) }]);
    },
  );

  it("200 with another code than success is none", async () => {
    const { splunk, to } = await startWith();
    splunk.misbehave((_received, response) => void response.end('{"text":"?","code":8}'));
    expect(await send(to, [messageWith()])).toMatchObject([
      { kind: "retry", reason: "unexpected_answer" },
    ]);
  });

  it("with an ackId is a delivery, where the token asks for a channel", async () => {
    const { splunk, to } = await startWith({ channel: CHANNEL }, { acknowledges: true });
    expect(await send(to, [messageWith()])).toMatchObject([{ kind: "delivered", status: 200 }]);
    expect(splunk.received[0]?.headers["x-splunk-request-channel"]).toBe(CHANNEL);
    const without = await startWith({}, { acknowledges: true });
    expect(await send(without.to, [messageWith()])).toMatchObject([
      { kind: "reject", error: says("code 10") },
    ]);
  });
});
