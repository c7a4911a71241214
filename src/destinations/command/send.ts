/**
 * What a program's end means. Exit codes that speak of what it was given are final, as sysexits.h has
 * them; every other failure may be over the next time.
 */
import type { Secret } from "../../config/secret.ts";
import type { Destination, DestinationContext, Verdict } from "../destination.ts";
import { excerptOf } from "../http-verdict.ts";
import { runProgram, type Ended } from "./run.ts";

/** EX_USAGE, EX_DATAERR, EX_NOPERM, EX_CONFIG, and what shells answer for what cannot be run. */
const FINAL = new Set([64, 65, 77, 78, 126, 127]);
/** What programs cannot do without. */
const PASSED_ON = ["PATH", "HOME", "LANG"];
const SHORTEST_SECRET = 4;

export interface SendSettings {
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, Secret>>;
  readonly max_output: number;
}

/** Makes the function that runs the program for a rendered message. */
export function createSend(
  settings: SendSettings,
  context: DestinationContext,
): Destination<string>["send"] {
  const { argv } = settings;
  const own = Object.entries(settings.env).map(([name, value]) => [name, value.reveal()] as const);
  const env = Object.fromEntries([...inherited(), ...own]);
  const hide = hiderOf(own.map(([, value]) => value));
  const cwd = context.resolvePath(settings.cwd ?? ".");
  const { timeout } = context.sockets;
  const maxOutput = settings.max_output;
  return async (input, _message, { signal, record }) => {
    const ended = await runProgram({ argv, cwd, env, input, timeout, maxOutput, signal });
    const shown = { ...ended, out: hide(ended.out), err: hide(ended.err) };
    record?.({ request: `${argv.join(" ")}\n\n${input}`, answer: describe(shown) });
    return verdictOf(shown, timeout);
  };
}

function inherited(): [string, string][] {
  return PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as [string, string]];
  });
}

function hiderOf(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  return (text) => long.reduce((shown, secret) => shown.replaceAll(secret, "<secret>"), text);
}

function describe({ out, err, ...how }: Ended): string {
  return [JSON.stringify(how), out, err].filter((part) => part !== "").join("\n");
}

function verdictOf(ended: Ended, timeout: number): Verdict {
  const said = excerptOf(ended.err || ended.out);
  const because = said === "" ? "" : `: ${said}`;
  switch (ended.how) {
    case "exit":
      if (ended.code === 0) return { kind: "delivered" };
      if (FINAL.has(ended.code))
        return {
          kind: "reject",
          reason: "rejected_by_peer",
          error: `exit code ${ended.code}${because}`,
        };
      return { kind: "retry", reason: "server_error", error: `exit code ${ended.code}${because}` };
    case "signal":
      return { kind: "retry", reason: "server_error", error: `ended by ${ended.name}${because}` };
    case "timeout":
      return { kind: "retry", reason: "timeout", error: `not done in ${timeout} ms${because}` };
    case "cancelled":
      return { kind: "retry", reason: "reset", error: "stopped with Tocsin" };
    case "not_started":
      return notStarted(ended);
  }
}

/** A machine that is out of processes may have some later; a program that is not there stays away. */
function notStarted({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): Verdict {
  const hint = "check the path in argv, that it may be executed, and cwd";
  if (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR")
    return { kind: "reject", reason: "not_found", error: `${message} — ${hint}` };
  return { kind: "retry", reason: "io_error", error: message };
}
