import { describe, expect, it } from "vitest";
import { createBatcher, sendHalves, type BatchOptions } from "./batch.ts";
import type { Exchange, SendContext, Verdict } from "./destination.ts";

const delivered = (status: number): Verdict => ({ kind: "delivered", status });

interface Request {
  readonly items: readonly number[];
  readonly context: SendContext;
  answer(verdicts: readonly Verdict[]): void;
  fail(error: Error): void;
}

/** A batcher over requests that a test answers. An item's size is itself. */
function batcherWith(options: Partial<BatchOptions<number>> = {}) {
  const requests: Request[] = [];
  const send = createBatcher<number>({
    maxItems: 100,
    maxBytes: 1000,
    requests: 1,
    sizeOf: (item) => item,
    sendAll: (items, context) =>
      new Promise((answer, fail) => void requests.push({ items, context, answer, fail })),
    ...options,
  });
  const started = (count: number) => expect.poll(() => requests.length).toBe(count);
  return { send, requests, started };
}

const never = { signal: new AbortController().signal };

describe("messages that are sent at once", () => {
  it("go together, and each gets its own verdict", async () => {
    const { send, requests, started } = batcherWith();
    const sent = [1, 2, 3].map((item) => send(item, never));
    await started(1);
    expect(requests[0]?.items).toEqual([1, 2, 3]);
    requests[0]?.answer([delivered(1), delivered(2), delivered(3)]);
    expect(await Promise.all(sent)).toEqual([delivered(1), delivered(2), delivered(3)]);
  });

  it("wait for the request that is under way, and then go together", async () => {
    const { send, requests, started } = batcherWith();
    const first = send(1, never);
    await started(1);
    const others = [2, 3].map((item) => send(item, never));
    requests[0]?.answer([delivered(1)]);
    await first;
    await started(2);
    expect(requests[1]?.items).toEqual([2, 3]);
    requests[1]?.answer([delivered(2), delivered(3)]);
    expect(await Promise.all(others)).toEqual([delivered(2), delivered(3)]);
  });

  it.each([
    ["in number", { maxItems: 2 }, [1, 1, 1], [[1, 1], [1]]],
    ["in bytes", { maxBytes: 10 }, [6, 4, 1], [[6, 4], [1]]],
    ["in bytes, be it one alone", { maxBytes: 10 }, [50, 1], [[50], [1]]],
  ])("are split where they are too many %s", async (_what, limits, items, wanted) => {
    const { send, requests, started } = batcherWith({ requests: 2, ...limits });
    for (const item of items) void send(item, never);
    await started(2);
    expect(requests.map((request) => request.items)).toEqual(wanted);
  });

  it("all fail with what the request throws", async () => {
    const { send, requests, started } = batcherWith();
    const sent = [1, 2].map((item) => send(item, never));
    await started(1);
    requests[0]?.fail(new RangeError("a bug"));
    expect(await Promise.allSettled(sent)).toMatchObject([
      { reason: { message: "a bug" } },
      { reason: { message: "a bug" } },
    ]);
  });

  it("are all told what was exchanged", async () => {
    const { send, requests, started } = batcherWith();
    const told: Exchange[] = [];
    const record = (exchange: Exchange) => void told.push(exchange);
    void send(1, { ...never, record });
    void send(2, { ...never, record });
    await started(1);
    requests[0]?.context.record?.({ request: "both", answer: "ok" });
    expect(told).toHaveLength(2);
  });
});

describe("a message that is stopped", () => {
  const stopped = { kind: "retry", reason: "reset" };

  it("is not sent any more while it waits, and the others are", async () => {
    const { send, requests, started } = batcherWith();
    const stop = new AbortController();
    const first = send(1, { signal: stop.signal });
    void send(2, never);
    stop.abort();
    expect(await first).toMatchObject(stopped);
    await started(1);
    expect(requests[0]?.items).toEqual([2]);
  });

  it("leaves the others alone when it is under way", async () => {
    const { send, requests, started } = batcherWith();
    const stop = new AbortController();
    const sent = [send(1, { signal: stop.signal }), send(2, never)];
    await started(1);
    stop.abort();
    expect(await sent[0]).toMatchObject(stopped);
    expect(requests[0]?.context.signal.aborted).toBe(false);
    requests[0]?.answer([delivered(1), delivered(2)]);
    expect(await sent[1]).toEqual(delivered(2));
  });

  it("stops the request when it was the last that waited for it", async () => {
    const { send, requests, started } = batcherWith();
    const stops = [new AbortController(), new AbortController()];
    for (const [item, { signal }] of stops.entries()) void send(item, { signal });
    await started(1);
    stops[0]?.abort();
    expect(requests[0]?.context.signal.aborted).toBe(false);
    stops[1]?.abort();
    expect(requests[0]?.context.signal.aborted).toBe(true);
  });

  it("before it is sent is not sent", async () => {
    const { send, requests } = batcherWith();
    expect(await send(1, { signal: AbortSignal.abort() })).toMatchObject(stopped);
    expect(requests).toEqual([]);
  });
});

it("sends halves one after the other, in their order", async () => {
  const halves: (readonly number[])[] = [];
  const verdicts = await sendHalves([1, 2, 3], async (half) => {
    halves.push(half);
    return half.map(delivered);
  });
  expect(halves).toEqual([[1, 2], [3]]);
  expect(verdicts).toEqual([1, 2, 3].map(delivered));
});

it("keeps the second half back while the peer takes nothing of the first", async () => {
  const sizes: number[] = [];
  const later: Verdict = { kind: "retry", reason: "rate_limited", error: "full", after: 10 };
  const send = async (items: readonly number[]): Promise<readonly Verdict[]> => {
    sizes.push(items.length);
    return items.length === 1 ? [later] : await sendHalves(items, send);
  };
  expect(await send([1, 2, 3, 4, 5, 6, 7, 8])).toEqual(Array(8).fill(later));
  expect(sizes).toEqual([8, 4, 2, 1]);
});
