/** Fetches an engine's distribution, as its makers publish it on Maven Central, and unpacks it. */
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MAVEN, type Jdk } from "./tools.ts";

const run = promisify(execFile);
const cache = fileURLToPath(new URL("../../node_modules/.cache/servers", import.meta.url));

export type Flavour = "elasticsearch" | "opensearch";

export interface Engine {
  readonly flavour: Flavour;
  readonly version: string;
}

/** The zip of an engine; downloaded once, then taken from the cache. */
export async function fetchDistribution({ flavour, version }: Engine): Promise<string> {
  const name = `${flavour}-${version}.zip`;
  const path = join(cache, name);
  if (await exists(path)) return path;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "new-"));
  const artifact = `org.${flavour}.distribution.integ-test-zip:${flavour}:${version}:zip`;
  const goal = ["dependency:copy", `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
  await run(MAVEN, ["--batch-mode", "--quiet", ...goal]);
  // Whole or not at all, also for another run at the same time.
  await rename(join(folder, name), path);
  await rm(folder, { recursive: true });
  return path;
}

/** Unpacks an engine below a folder; answers its home. */
export async function unpackDistribution(engine: Engine, jdk: Jdk, into: string): Promise<string> {
  const zip = await fetchDistribution(engine);
  await run(join(jdk.home, "bin/jar"), ["xf", zip], { cwd: into });
  const home = join(into, `${engine.flavour}-${engine.version}`);
  // `jar` does not keep who may run what.
  for (const name of await readdir(join(home, "bin"))) await chmod(join(home, "bin", name), 0o755);
  return home;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
