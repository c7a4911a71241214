/** The package that this code was installed from. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Its folder, which holds `package.json`, whether the source or what was built from it runs. */
export function packageRoot(): string {
  return fileURLToPath(new URL("../../", import.meta.url));
}

/** Its version. */
export function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
