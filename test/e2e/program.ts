/** The whole program in this process, on a data folder and a port of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfiguration } from "../../src/app/configuration.ts";
import { startProgram, type Program } from "../../src/app/program.ts";
import { registries } from "../../src/app/registries.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { dataPaths, type DataPaths } from "../../src/app/paths.ts";
import { auditData } from "../../src/ledger/audit.ts";

export interface Scene {
  readonly program: Program;
  readonly url: string;
  readonly ingestKey: string;
  readonly adminKey: string;
  readonly paths: DataPaths;
  /** Posts a body with the ingest key, unless other headers are given. */
  post(path: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  audit(): ReturnType<typeof auditData>;
  /** Stops the program and starts it again on its folder, with the same configuration and keys. */
  restart(): Promise<Scene>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // A test reads members that it knows are there; an unknown shape would need a cast at each.
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  readonly json: any;
}

/** Starts the program with a configuration; `listen` and `data` are set here. */
export async function startScene(yaml: string, env: Record<string, string> = {}): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-e2e-"));
  const text = `listen: 127.0.0.1:0\nlog: { level: error }\n${yaml}`;
  const data = join(folder, "data");
  const overrides = { data };
  // The worker reads the configuration again, from the process's own environment.
  Object.assign(process.env, env);
  const read = parseConfiguration({
    text,
    file: join(folder, "tocsin.yaml"),
    env: process.env,
    registries,
    cwd: folder,
    overrides,
  });
  if (!read.ok) throw new RangeError(read.problems.map(formatProblem).join("\n"));
  const log = { level: "error", format: "json" } as const;
  const start = () => startProgram({ configuration: read.configuration, text, cwd: folder, log });
  const program = await start();
  const ingestKey = program.firstKeys?.ingest.key ?? "";
  const adminKey = program.firstKeys?.admin.key ?? "";
  return sceneOf(program, start, { folder, ingestKey, adminKey });
}

interface Place {
  readonly folder: string;
  readonly ingestKey: string;
  readonly adminKey: string;
}

function sceneOf(program: Program, start: () => Promise<Program>, place: Place): Scene {
  const { folder, ingestKey, adminKey } = place;
  const url = program.address;
  const paths = dataPaths(join(folder, "data"));
  return {
    program,
    url,
    ingestKey,
    adminKey,
    paths,
    post: (path, body, headers) =>
      request(`${url}${path}`, {
        method: "POST",
        body,
        headers: headers ?? { authorization: `Bearer ${ingestKey}` },
      }),
    get: (path) => request(`${url}${path}`, { headers: { authorization: `Bearer ${adminKey}` } }),
    audit: () => auditData(paths, { since: null, now: Date.now() }),
    async restart() {
      await program.stop();
      return sceneOf(await start(), start, place);
    },
    async stop() {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a request to any address. */
export async function request(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}
