import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StopSignal } from "./io.ts";
import { openBench, fakeSignals, type Bench, type Result } from "./testing/run.ts";

const CONFIGURATION = `
listen: 127.0.0.1:0
log: { level: error }
sources: { generic: { kind: generic } }
destinations: { file: { kind: file, path: data/delivered.ndjson } }
routes: [{ name: all, to: [file] }]
`;

let bench: Bench;
beforeEach(() => {
  const wait = async (milliseconds: number) => {
    await pause(milliseconds);
  };
  bench = openBench({ now: Date.now, wait });
  writeFileSync(join(bench.folder, "tocsin.yaml"), CONFIGURATION);
});
afterEach(() => bench.dispose());

interface Server {
  /** What was printed until it listened. */
  readonly printed: string;
  readonly address: string;
  stop(...signals: StopSignal[]): Promise<Result>;
  /** Exit codes with which the process would have ended at once. */
  readonly abandoned: number[];
}

/** Starts the server and waits until it listens. */
async function start(...argv: string[]): Promise<Server> {
  return startIn({}, ...argv);
}

async function startIn(env: Record<string, string>, ...argv: string[]): Promise<Server> {
  const signals = fakeSignals();
  const abandoned: number[] = [];
  let printed = "";
  return new Promise((resolve, reject) => {
    const stdout = (content: string | Uint8Array): void => {
      printed += String(content);
      const address = /listening(?: on |":")(http:\/\/[\d.:]+)/.exec(printed)?.[1];
      if (address !== undefined) resolve({ printed, address, stop, abandoned });
    };
    const world = {
      env,
      stdout,
      onStop: signals.onStop,
      abandon: (code: number) => void abandoned.push(code),
    };
    const running = bench.runWith(world, "start", ...argv);
    const stop = (...wanted: StopSignal[]): Promise<Result> => {
      for (const signal of wanted.length > 0 ? wanted : (["SIGTERM"] as const))
        signals.send(signal);
      return running;
    };
    void running.then(({ err }) => reject(new RangeError(`it ended before it listened: ${err}`)));
  });
}

test("the first start shows two keys and a curl line that works, and stops in order", async () => {
  const server = await start();
  const [, ingest = "", admin = ""] =
    /ingest key +(tcs_\S+)\n +admin key +(tcs_\S+)\n/.exec(server.printed) ?? [];
  expect(server.printed).toMatch(/\nlistening on http:\/\/127\.0\.0\.1:\d+\n$/);
  expect(admin).not.toBe("");
  const answer = await paste(server.printed.split("\n").find((line) => line.startsWith("curl ")));
  expect(answer).toMatchObject({ accepted: 1, duplicates: 0 });
  await vi.waitFor(() => expect(delivered()).toContain("Hello from Tocsin"), { timeout: 10_000 });
  expect(server.printed).toContain(ingest);
  expect((await server.stop()).code).toBe(0);
});

test("a second start shows no keys and goes on with the data", async () => {
  await (await start()).stop();
  const server = await start();
  expect(server.printed).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n$/);
  expect((await bench.json("key", "list")).items).toHaveLength(2);
  expect((await server.stop("SIGINT")).code).toBe(0);
});

test("what was sent is told by the data commands while it runs and after", async () => {
  const server = await start("--json");
  const { keys } = JSON.parse(server.printed.split("\n")[0] ?? "");
  const send = ["send", "--sample", "generic", "--url", server.address, "--key", keys.ingest];
  expect(await bench.run(...send)).toMatchObject({ code: 0, err: "" });
  await vi.waitFor(async () => expect((await bench.json("alerts")).items).toHaveLength(1), {
    timeout: 10_000,
  });
  expect((await bench.run("audit")).code).toBe(0);
  await server.stop();
  expect((await bench.run("explain", "ALR-000001")).code).toBe(0);
  expect((await bench.run("audit")).code).toBe(0);
});

test("a second process on the same data is refused with one clear line", async () => {
  const server = await start();
  const { code, out, err } = await bench.run("start");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^tocsin: data: another Tocsin is running on .*\n {2}hint: .*\n$/);
  await server.stop();
});

test("a second Ctrl-C ends it at once", async () => {
  const server = await start();
  await server.stop("SIGINT", "SIGINT");
  expect(server.abandoned).toEqual([130]);
});

test("a port that is in use is told, and the data folder is free again", async () => {
  const server = await start();
  const port = new URL(server.address).port;
  writeFileSync(
    join(bench.folder, "taken.yaml"),
    CONFIGURATION.replace("127.0.0.1:0", `127.0.0.1:${port}`),
  );
  const other = ["start", "--config", "taken.yaml", "--data", "other"];
  const { code, err } = await bench.run(...other);
  expect(code).toBe(2);
  expect(err).toMatch(/tocsin: server: cannot listen on 127\.0\.0\.1:\d+: .*\n {2}hint: /);
  await server.stop();
  const again = await start("--data", "other");
  expect((await again.stop()).code).toBe(0);
});

test("a broken configuration keeps it from starting, every problem on a line", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), "lisen: x\n");
  const { code, out, err } = await bench.run("start");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^tocsin\.yaml:1:1 .*did you mean `listen`\?\ntocsin: configuration: /);
});

/** Does what a shell would do with the line: quotes off, then the request. */
async function paste(line: string | undefined): Promise<unknown> {
  const words = [...(line ?? "").matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain,
  );
  const [url = ""] = words.filter((word) => word?.startsWith("http"));
  const behind = (option: string) =>
    words.flatMap((word, index) => (word === option ? [words[index + 1] ?? ""] : []));
  const headers = behind("-H").map((header) => header.split(": ") as [string, string]);
  const response = await fetch(url, { method: "POST", headers, body: behind("-d")[0] ?? null });
  return response.json();
}

function delivered(): string {
  return readFileSync(join(bench.folder, "data", "delivered.ndjson"), "utf8");
}

test("the first keys are not shown where systemd keeps what is printed", async () => {
  const server = await startIn({ JOURNAL_STREAM: "8:4242" });
  expect(server.printed).not.toContain("tcs_");
  expect(server.printed).toContain("tocsin key create");
  await server.stop();
});
