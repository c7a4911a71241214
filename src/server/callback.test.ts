import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, expect, it, vi } from "vitest";
import type { CallbackAnswer } from "../destinations/callback.ts";
import { registerCallbacks, type CallbackParts, type ReadCallback } from "./callback.ts";
import type { TelemetryEvent } from "../telemetry/events.ts";
import { createServer } from "./server.ts";

afterEach(() => void vi.useRealTimers());

/** A server with the destination `soc`; each change waits until it is let go. */
function serverWith(read: ReadCallback) {
  const changes: { readonly who: string; go(): void }[] = [];
  const events: TelemetryEvent[] = [];
  const parts = {
    telemetry: { emit: (event: TelemetryEvent) => void events.push(event) },
    callbacks: { find: async (name: string) => (name === "soc" ? read : null) },
    commands: {
      change: (_kind: string, _asked: unknown, who: string) =>
        new Promise<void>((resolve) => void changes.push({ who, go: resolve })),
    },
    ledger: {},
    now: () => 0,
  } as unknown as CallbackParts;
  const app = createServer();
  registerCallbacks(app, parts);
  const post = (payload = "") => app.inject({ method: "POST", url: "/v1/callback/soc", payload });
  return { app, changes, post, events };
}

const told: string[] = [];
const tell = async (text: string) => void told.push(text);
const deed: ReadCallback = ({ body }) => ({
  kind: "deed",
  deed: { kind: "acknowledge" },
  alert: "ALR-000001",
  who: Buffer.from(body).toString(),
  tell,
});

it("deeds are done one after the other, in the order in which they came", async () => {
  const { app, changes, post } = serverWith(deed);
  const answers = [post("alice"), post("bob")];
  await vi.waitFor(() => expect(changes).toHaveLength(1));
  changes[0]?.go();
  await vi.waitFor(() => expect(changes).toHaveLength(2));
  changes[1]?.go();
  expect((await Promise.all(answers)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  expect(changes.map(({ who }) => who)).toEqual(["alice", "bob"]);
  await app.close();
});

it("the peer is answered soon though the deed takes long, and the deed is done before the server ends", async () => {
  told.length = 0;
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const { app, changes, post } = serverWith(deed);
  const answer = post("alice");
  await vi.waitFor(() => expect(changes).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(2000);
  expect(await answer).toMatchObject({ statusCode: 200, payload: "" });
  vi.useRealTimers();
  const order: string[] = [];
  const closed = app.close().then(() => order.push("closed"));
  for (let turn = 0; turn < 50; turn += 1) await nextTurn();
  order.push("done");
  changes[0]?.go();
  await closed;
  expect(order).toEqual(["done", "closed"]);
  expect(told).toEqual(["ALR-000001 is acknowledged."]);
});

it.each([
  [{ kind: "nothing" }, 200],
  [{ kind: "refused", reason: "unauthenticated", message: "no" }, 401],
  [{ kind: "refused", reason: "forbidden", message: "no", tell }, 403],
  [{ kind: "refused", reason: "invalid", message: "no", hint: "Why?" }, 400],
] as const)("%j is answered with %i, and nothing is done", async (given, status) => {
  told.length = 0;
  const { app, changes, post } = serverWith(() => given as CallbackAnswer);
  expect((await post("x")).statusCode).toBe(status);
  await app.close();
  expect(changes).toEqual([]);
  expect(told).toEqual("tell" in given ? ["Nothing was done: no."] : []);
});

it("what came of a click is an event, whose label is never what somebody made up", async () => {
  const refused: ReadCallback = () => ({
    kind: "refused",
    reason: "unauthenticated",
    message: "the signature does not hold",
  });
  const { app, post, events } = serverWith(refused);
  expect((await post()).statusCode).toBe(401);
  const url = "/v1/callback/made-up";
  expect((await app.inject({ method: "POST", url })).statusCode).toBe(404);
  expect(events).toMatchObject([
    { destination: "soc", outcome: "refused", detail: "the signature does not hold" },
    { destination: "unknown", outcome: "refused" },
  ]);
  await app.close();
});

it("who is not the peer does not keep the peer out, and the peer's clicks have a limit", async () => {
  const read: ReadCallback = ({ body }) =>
    body.length === 0
      ? { kind: "refused", reason: "unauthenticated", message: "no" }
      : { kind: "nothing" };
  const { app, post } = serverWith(read);
  for (let time = 0; time < 200; time += 1) expect((await post()).statusCode).toBe(401);
  for (let time = 0; time < 100; time += 1) expect((await post("x")).statusCode).toBe(200);
  const { statusCode, headers } = await post("x");
  expect([statusCode, headers["retry-after"]]).toEqual([429, "1"]);
  await app.close();
});

it("a deed that is done is an event too", async () => {
  const { app, changes, post, events } = serverWith(deed);
  const answer = post("alice");
  await vi.waitFor(() => expect(changes).toHaveLength(1));
  changes[0]?.go();
  await answer;
  await app.close();
  expect(events).toMatchObject([{ destination: "soc", outcome: "done", detail: null }]);
});
