/** Starts threads from modules of this program, whether it runs from source or as it was built. */
import { Worker } from "node:worker_threads";

/**
 * A thread that runs a module.
 * @param module its path from the caller's, without extension: `./audit-worker`
 * @param base the caller's `import.meta.url`
 */
export function startThread(module: string, base: string, workerData: unknown): Worker {
  if (!base.endsWith(".ts")) return new Worker(new URL(`${module}.js`, base), { workerData });
  // Source needs a loader, and `--import` does not reach a thread's own entry: it is loaded first.
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const entry = JSON.stringify(new URL(`${module}.ts`, base).href);
  const code = `import(${loader}).then(({ register }) => { register(); return import(${entry}); })`;
  return new Worker(code, { eval: true, workerData, execArgv: [] });
}
