/** Destinations that cannot work as they are written. Nothing is assumed of any value. */
import type { Finding, Path } from "../config/problem.ts";
import { asList, asMap, type PlainMap } from "./entry-checks.ts";
import { checkCluster } from "./source-checks.ts";

/** Findings of each destination: the cluster that it names, the program that it runs. */
export function checkDestinations(root: PlainMap): Finding[] {
  const clusters = asMap(root["clusters"]);
  const allowed = asList(root["allow_commands"]);
  const found = Object.entries(asMap(root["destinations"])).flatMap(([name, entry]) => {
    const destination = asMap(entry);
    const path = ["destinations", name];
    return [
      ...checkCluster(destination["cluster"], clusters, [...path, "cluster"]),
      ...checkCommand(destination, allowed, [...path, "argv"]),
    ];
  });
  return [...found, ...checkAllowed(allowed)];
}

/** Programs that run what their arguments say. */
const RUNNERS =
  /^(env|sh|ash|bash|dash|ksh|zsh|busybox|node|perl|php|python[\d.]*|ruby|sudo|xargs)$/;

/** Whoever allows one of these allows every program. */
function checkAllowed(allowed: readonly unknown[]): Finding[] {
  return allowed.flatMap((program, index): Finding[] => {
    const name = typeof program === "string" ? (program.split("/").at(-1) ?? "") : "";
    if (!RUNNERS.test(name)) return [];
    const message = `${String(program)} runs whatever its arguments say, so this allows every program`;
    const hint = "name the script itself, with the interpreter in its first line";
    return [{ level: "warning", path: ["allow_commands", index], message, hint }];
  });
}

/** Whoever may add a destination must not thereby run anything. */
function checkCommand(
  { kind, argv }: PlainMap,
  allowed: readonly unknown[],
  path: Path,
): Finding[] {
  const [program] = asList(argv);
  // One that is not absolute is refused by the kind itself.
  if (kind !== "command" || typeof program !== "string" || !program.startsWith("/")) return [];
  if (allowed.includes(program)) return [];
  const message = `the program ${program} is not allowed`;
  const hint = `name it in allow_commands at the top of the file: allow_commands: [${program}]`;
  return [{ level: "error", path, message, hint }];
}
