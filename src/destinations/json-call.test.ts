import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { startPeer } from "../../test/peers/peer.ts";
import { fail } from "../errors.ts";
import { createHttp } from "../net/client.ts";
import { createJsonCall, joinUrl, readJson, trying } from "./json-call.ts";
import { contextWith, sendingWith } from "./testing/messages.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function startCalling() {
  const peer = await startPeer(({ headers }, response) => {
    response.end(JSON.stringify({ told: headers["authorization"] }));
  });
  const egress = { allow: [], deny: [] };
  const http = createHttp({ component: "destination soc", egress, connections: 1 });
  open.push(peer, http);
  const headers = { authorization: "Bearer token-0123456789" };
  const options = { headers, secrets: ["Bearer token-0123456789"] };
  return { peer, call: createJsonCall(options, contextWith({ http }).context) };
}

it("posts JSON with its headers, and hides the secret where the peer repeats it", async () => {
  const { peer, call } = await startCalling();
  const { sending, exchanges } = sendingWith();
  const answer = await call({ url: `${peer.url}/a`, body: { x: 1 } }, sending);
  expect(peer.received).toMatchObject([{ method: "POST", path: "/a", body: '{"x":1}' }]);
  expect(peer.received[0]?.headers).toMatchObject({
    "content-type": "application/json",
    accept: "application/json",
    authorization: "Bearer token-0123456789",
  });
  expect(answer.body).toBe('{"told":"<secret>"}');
  expect(JSON.stringify(exchanges)).not.toContain("0123456789");
});

it("sends no half of a character, for which a peer would refuse the whole", async () => {
  const { peer, call } = await startCalling();
  await call({ url: peer.url, body: { title: "a\ud800b 😀" } }, sendingWith().sending);
  expect(peer.received[0]?.body).toBe('{"title":"a\ufffdb 😀"}');
});

it("sends a text as it is, and no content type without a body", async () => {
  const { peer, call } = await startCalling();
  const { sending } = sendingWith();
  await call({ method: "PUT", url: peer.url, body: "a\nb" }, sending);
  await call({ method: "GET", url: peer.url }, sending);
  expect(peer.received.map(({ body }) => body)).toEqual(["a\nb", ""]);
  expect(peer.received[1]?.headers).not.toHaveProperty("content-type");
});

it("reads what fits the schema and nothing else", () => {
  const schema = z.object({ id: z.string() });
  const read = (body: string) => readJson({ status: 200, headers: {}, body }, schema);
  expect(read('{"id":"7","more":1}')).toEqual({ id: "7" });
  expect(["", "<html>", "null", '{"id":7}'].map(read)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

it("makes a verdict of a failed request, and nothing of a bug", async () => {
  const failure = fail("REQUEST_FAILED", {
    component: "x",
    message: "no answer",
    data: { reason: "reset" },
  });
  expect(await trying(() => Promise.reject(failure))).toMatchObject({
    kind: "retry",
    reason: "reset",
  });
  await expect(trying(() => Promise.reject(new RangeError("a bug")))).rejects.toThrow("a bug");
});

it.each([
  ["https://a.lab", "https://a.lab/x"],
  ["https://a.lab/", "https://a.lab/x"],
  ["https://a.lab/base//", "https://a.lab/base/x"],
])("%s with a path is %s", (base, wanted) => {
  expect(joinUrl(base, "/x")).toBe(wanted);
});
