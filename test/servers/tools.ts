/** The tools that servers for tests need from the machine, found or named as missing. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Maven as it is called; it goes where the machine's settings send it. */
export const MAVEN = "mvn";

export interface Jdk {
  readonly home: string;
  readonly version: number;
}

/** The oldest JDK of a range: engines are tested with the JDK of their day. */
export function findJdk(from: number, before = Number.POSITIVE_INFINITY): Jdk | undefined {
  return homes()
    .filter((home) => existsSync(join(home, "bin/java")) && existsSync(join(home, "bin/jar")))
    .map((home) => ({ home, version: versionOf(home) }))
    .filter(({ version }) => version >= from && version < before)
    .toSorted((a, b) => a.version - b.version)[0];
}

/** Whether Maven can be called. */
export function hasMaven(): boolean {
  return spawnSync(MAVEN, ["--version"], { stdio: "ignore" }).status === 0;
}

function homes(): string[] {
  const folder = "/usr/lib/jvm";
  const installed = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const own = process.env["JAVA_HOME"];
  return own ? [own, ...installed] : installed;
}

/** The first number of `openjdk version "17.0.15"`; 0 when there is none. */
function versionOf(home: string): number {
  const { stderr } = spawnSync(join(home, "bin/java"), ["-version"], { encoding: "utf8" });
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
}
