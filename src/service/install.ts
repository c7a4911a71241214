/** Puts a unit under systemd, and takes it away: what to write, where, and what to ask of `systemctl`. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, messageOf } from "../errors.ts";
import type { PlannedService } from "./plan.ts";
import { checkName, MARK } from "./unit.ts";

/** Where systemd looks for units that an administrator made. */
export const UNIT_FOLDER = "/etc/systemd/system";

/** Runs a program of the system; answers how it ended and what it said. */
export type RunProgram = (
  file: string,
  args: readonly string[],
) => Promise<{ readonly code: number; readonly output: string }>;

interface Systemd {
  /** Folder of the units. */
  readonly units: string;
  readonly run: RunProgram;
}

/** Writes the unit and has it start at every boot. Throws CONFLICT for a service of somebody else's. */
export async function installService(
  name: string,
  { text }: PlannedService,
  { units, run }: Systemd,
): Promise<string> {
  const file = join(units, `${name}.service`);
  if (existsSync(file)) checkOwn(file);
  writeUnit(file, text);
  await ask(run, "daemon-reload");
  await ask(run, "enable", `${name}.service`);
  return file;
}

/**
 * Starts the service, anew where it runs. Throws SERVICE_FAILED where it does not run any more after
 * `settle`: what it says of that is in its log.
 */
export async function startService(
  name: string,
  run: RunProgram,
  settle: () => Promise<void>,
): Promise<void> {
  await ask(run, "restart", `${name}.service`);
  await settle();
  const state = await ask(run, "show", "--property=ActiveState,NRestarts", `${name}.service`);
  if (/^ActiveState=active$/m.test(state) && !/^NRestarts=[1-9]/m.test(state)) return;
  throw fail("SERVICE_FAILED", {
    component: "service",
    message: `${name}.service was started and has ended`,
    hint: `It says why, and systemd goes on trying: journalctl -u ${name} -n 20`,
  });
}

/** Stops the service and takes its unit away; its data stays. Throws NOT_FOUND where there is none. */
export async function uninstallService(name: string, { units, run }: Systemd): Promise<string> {
  checkName(name);
  const file = join(units, `${name}.service`);
  if (!existsSync(file)) {
    throw fail("NOT_FOUND", {
      component: "service",
      message: `there is no ${file}`,
      hint: "Name the service with --name.",
    });
  }
  checkOwn(file);
  await ask(run, "disable", "--now", `${name}.service`);
  removeUnit(file);
  await ask(run, "daemon-reload");
  return file;
}

function checkOwn(file: string): void {
  if (readFileSync(file, "utf8").startsWith(MARK)) return;
  throw fail("CONFLICT", {
    component: "service",
    message: `${file} was not written by Tocsin`,
    hint: "Choose another name with --name, or remove the file yourself.",
  });
}

async function ask(run: RunProgram, ...args: readonly string[]): Promise<string> {
  const { code, output } = await run("systemctl", args);
  if (code === 0) return output;
  throw fail("SERVICE_FAILED", {
    component: "service",
    message: `systemctl ${args.join(" ")} failed: ${output.trim() || `exit code ${code}`}`,
    hint: "Run it as root on a machine that systemd runs, or look at the unit: tocsin service install --print",
  });
}

function writeUnit(file: string, text: string): void {
  asRoot(() => writeFileSync(file, text, { mode: 0o644 }), `cannot write ${file}`);
}

function removeUnit(file: string): void {
  asRoot(() => rmSync(file), `cannot remove ${file}`);
}

/** The text of a file that may be missing. */
export function readIfThere(file: string): string {
  if (!existsSync(file)) return "";
  return asRoot(() => readFileSync(file, "utf8"), `cannot read ${file}`);
}

function asRoot<Result>(work: () => Result, what: string): Result {
  try {
    return work();
  } catch (cause) {
    throw fail("STORAGE_FAILED", {
      component: "service",
      message: `${what}: ${messageOf(cause)}`,
      hint: "Run it as root (sudo), or print the unit: tocsin service install --print",
      cause,
    });
  }
}
