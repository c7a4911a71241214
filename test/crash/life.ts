/** Lives of the program under load, each of which ends by SIGKILL. */
import { setTimeout as pause } from "node:timers/promises";
import type { StubbornClient } from "./client.ts";
import { runTocsin, startProcess } from "./process.ts";

/** How long a life under load lasts before a random kill, in milliseconds. */
const LIFE_MS = 400;

/** Makes a key with which the load may be sent. */
export async function makeKey(data: string): Promise<string> {
  const args = ["key", "create", "--name", "load", "--scope", "ingest", "--data", data, "--json"];
  const { stdout, stderr } = await runTocsin(args);
  const { key } = JSON.parse(stdout || `{"error":${JSON.stringify(stderr)}}`) as { key?: string };
  if (!key) throw new RangeError(`no key: ${stdout}${stderr}`);
  return key;
}

/** Starts, works under load, dies. A process that a named point never reaches is killed anyway. */
export async function liveAndDie(
  start: { config: string; data: string; main: string | undefined },
  kill: string,
  client: StubbornClient,
): Promise<void> {
  const isRandom = kill === "random";
  const running = startProcess({ ...start, killAt: isRandom ? undefined : kill });
  const before = client.acknowledged.size;
  await running.listening;
  if (isRandom) await pause(Math.random() * LIFE_MS);
  else await Promise.race([running.ended, pause(5000)]);
  running.process.kill("SIGKILL");
  await running.ended;
  if (isRandom || client.acknowledged.size >= before) return;
  throw new RangeError("acknowledgements went backwards");
}
