/**
 * Timeline tests: what goes in at which time, what must come out at which time, and nothing else.
 * The real stream, store, pipeline and outlets run on a virtual clock; only the peers are scripted.
 *
 *     await timeline(configuration, (line) => {
 *       line.given("0s", { source: "in", body: { title: "A" } });
 *       line.want("0s", { to: "soc", title: "A" });
 *     });
 *
 * Times of a line count what passed since its start, also when the clock is set meanwhile.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { readDuration } from "../../src/config/values.ts";
import type { Verdict } from "../../src/destinations/destination.ts";
import {
  readYaml,
  Scene,
  START,
  type ReceivedMessage,
  type SeenMessage,
  type World,
} from "./scene.ts";

export { START, type SeenMessage, type World };

/** After the last thing given or wanted, the clock runs on this long: nothing may come late. */
const AFTERMATH_MS = 5 * 86_400_000;

interface Seen extends SeenMessage {
  readonly at: string;
}

/** What a test says of a message; the rest is that of a plain alert. */
export type WantedMessage = Pick<SeenMessage, "to" | "title"> & Partial<SeenMessage>;

export interface Line {
  /** A body arrives at a source. */
  given(at: string, event: { source: string; body: unknown }): void;
  /** A peer answers its next messages like this, then delivers again. */
  peer(destination: string, verdicts: readonly Verdict[]): void;
  /** Something else happens, such as a restart or a clock that is set back. */
  meanwhile(at: string, action: (world: World) => Promise<void> | void): void;
  /** A message must be sent at this time (also one that the peer then refuses). */
  want(at: string, message: WantedMessage): void;
}

export async function timeline(yaml: string, describe: (line: Line) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-timeline-"));
  const scene = new Scene(readYaml(yaml, folder), folder);
  const wanted: Seen[] = [];
  const actions: { at: number; run: (world: World) => Promise<void> | void }[] = [];
  describe({
    given: (at, event) =>
      actions.push({ at: timeOf(at), run: async () => void (await scene.receive(event)) }),
    peer: (destination, verdicts) => scene.script(destination, verdicts),
    meanwhile: (at, run) => actions.push({ at: timeOf(at), run }),
    want: (at, message) =>
      wanted.push({ at: clockTime(timeOf(at)), kind: "alert", alerts: 1, ...message }),
  });
  try {
    await scene.start();
    for (const { at, run } of actions.toSorted((a, b) => a.at - b.at)) {
      await scene.runUntil(at);
      await run(scene);
      await scene.settle();
    }
    await scene.runUntil(scene.clock.time + AFTERMATH_MS);
    expect(scene.received.map(asSeen).toSorted(inOrder)).toEqual(wanted.toSorted(inOrder));
  } finally {
    await scene.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function asSeen({ at, to, title, kind, alerts }: ReceivedMessage): Seen {
  return { at: clockTime(at), to, title, kind, alerts };
}

function inOrder(a: Seen, b: Seen): number {
  const text = ({ at, to, title, kind, alerts }: Seen) => `${at} ${to} ${title} ${kind} ${alerts}`;
  return text(a).localeCompare(text(b));
}

function timeOf(at: string): number {
  const duration = at === "0" ? 0 : readDuration(at);
  if (duration === undefined) throw new RangeError(`not a time: ${at}`);
  return START + duration;
}

/** Whole seconds: jitter is switched off, so nothing falls between. */
function clockTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19);
}
