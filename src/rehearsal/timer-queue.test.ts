import { describe, expect, it } from "vitest";
import type { CellStage, DueCell } from "../pipeline/state.ts";
import { compareTimers, TimerQueue } from "./timer-queue.ts";

function aCell(due_at: number, key = "", stage: CellStage = "group"): DueCell {
  return { stage, key, value: { flushed_at: null }, alert: null, due_at, at: 0 };
}

function drain(queue: TimerQueue): DueCell[] {
  const cells: DueCell[] = [];
  for (let cell = queue.pop(); cell; cell = queue.pop()) cells.push(cell);
  return cells;
}

describe("timers come", () => {
  it("the earliest first, in whatever order they were set", () => {
    const queue = new TimerQueue();
    const times = Array.from({ length: 100 }, (_, index) => (index * 37) % 101);
    for (const time of times) queue.push(aCell(time));
    expect(drain(queue).map(({ due_at }) => due_at)).toEqual(times.toSorted((a, b) => a - b));
  });

  it("at one time by stage, then by key", () => {
    const queue = new TimerQueue();
    const cells = [
      aCell(1, "a", "limit"),
      aCell(1, "b", "group"),
      aCell(1, "B", "group"),
      aCell(1, "a", "group"),
      aCell(0, "z", "update"),
    ];
    for (const cell of cells) queue.push(cell);
    expect(drain(queue).map(({ stage, key }) => `${stage} ${key}`)).toEqual([
      "update z",
      "group B",
      "group a",
      "group b",
      "limit a",
    ]);
  });

  it("also when some are taken while others are set", () => {
    const queue = new TimerQueue();
    const taken: (number | undefined)[] = [];
    for (const time of [5, 3, 9]) queue.push(aCell(time));
    taken.push(queue.pop()?.due_at);
    queue.push(aCell(1));
    taken.push(queue.peek()?.due_at, queue.pop()?.due_at);
    queue.push(aCell(7));
    taken.push(...drain(queue).map(({ due_at }) => due_at));
    expect(taken).toEqual([3, 1, 1, 5, 7, 9]);
  });
});

it("is empty at its beginning and after the last", () => {
  const queue = new TimerQueue();
  expect([queue.peek(), queue.pop()]).toEqual([undefined, undefined]);
  queue.push(aCell(1));
  expect(queue.pop()?.due_at).toBe(1);
  expect([queue.peek(), queue.pop()]).toEqual([undefined, undefined]);
});

it("takes two timers of one cell and time for the same", () => {
  expect(compareTimers(aCell(1, "a"), aCell(1, "a"))).toBe(0);
});
