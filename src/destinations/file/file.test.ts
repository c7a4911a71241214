import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  aDigest,
  alertWith,
  contextWith,
  hostileAlert,
  messageWith,
  sendingWith,
} from "../testing/messages.ts";
import { file } from "./file.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "tocsin-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const lines = (name = "out.ndjson") => readFileSync(at(name), "utf8").split("\n").slice(0, -1);
const keys = (name?: string) =>
  lines(name).map((line) => (JSON.parse(line) as { key: string }).key);

function create(settings: Record<string, unknown> = {}) {
  const { context } = contextWith({ resolvePath: (path) => join(folder, path) });
  const config = file.config.parse({ path: "out.ndjson", ...settings });
  const destination = file.create(config, context);
  return {
    send(key: string, change = {}) {
      const message = messageWith({ key, ...change });
      return destination.send(destination.render(message), message, sendingWith().sending);
    },
    close: () => destination.close(),
  };
}

describe("a delivery", () => {
  it("is one line with its key and the alert, readable by the owner only", async () => {
    const out = create();
    const alert = hostileAlert();
    expect(await out.send("d_1", { alert })).toEqual({ kind: "delivered" });
    await out.close();
    expect(lines().map((line) => JSON.parse(line) as unknown)).toEqual([
      { key: "d_1", kind: "alert", alert },
    ]);
    expect(statSync(at("out.ndjson")).mode & 0o777).toBe(0o600);
  });

  it("is written as in the sample", async () => {
    const out = create();
    await out.send(messageWith().key);
    await out.close();
    const sample = new URL("./samples/brute-force.ndjson", import.meta.url);
    expect(lines().join("\n")).toBe(readFileSync(sample, "utf8").trim());
  });

  it("says what it is for, and has the alerts of a digest", async () => {
    const out = create();
    const digest = aDigest();
    await out.send("d_1", { digest });
    await out.send("d_1~1", { kind: "update", digest });
    await out.close();
    const wanted = { alert: alertWith(), digest };
    expect(lines().map((line) => JSON.parse(line) as unknown)).toEqual([
      { key: "d_1", kind: "alert", ...wanted },
      { key: "d_1~1", kind: "update", ...wanted },
    ]);
  });

  it("marks a test", async () => {
    const out = create();
    await out.send("d_1", { test: true });
    await out.close();
    expect(JSON.parse(lines()[0] ?? "")).toMatchObject({ key: "d_1", test: true });
  });

  it("is there as soon as it is reported, without closing", async () => {
    const out = create();
    await out.send("d_1");
    expect(keys()).toEqual(["d_1"]);
    await out.close();
  });

  it("keeps its place in the order of sending", async () => {
    const out = create();
    const wanted = Array.from({ length: 500 }, (_, index) => `d_${index}`);
    await Promise.all(wanted.map((key) => out.send(key)));
    await out.close();
    expect(keys()).toEqual(wanted);
  });

  it("creates missing folders", async () => {
    const out = create({ path: "a/b/out.ndjson" });
    expect(await out.send("d_1")).toEqual({ kind: "delivered" });
    await out.close();
    expect(keys("a/b/out.ndjson")).toEqual(["d_1"]);
  });
});

describe("a line torn by a crash", () => {
  it("gets an end, so that the next one is readable", async () => {
    writeFileSync(at("out.ndjson"), '{"key":"d_1"}\n{"key":"d_2","al');
    const out = create();
    await out.send("d_3");
    await out.close();
    const [first, torn, next] = lines();
    expect(first).toBe('{"key":"d_1"}');
    expect(torn).toBe('{"key":"d_2","al');
    expect(JSON.parse(next ?? "")).toMatchObject({ key: "d_3" });
  });

  it("is looked for only where there is one", async () => {
    writeFileSync(at("out.ndjson"), '{"key":"d_1"}\n');
    const out = create();
    await out.send("d_2");
    await out.close();
    expect(keys()).toEqual(["d_1", "d_2"]);
  });
});

describe("rotation", () => {
  it("keeps every line of the kept files, newest in the file itself", async () => {
    const out = create({ max_size: "4KiB", keep: 3 });
    for (let index = 0; index < 10; index++) await out.send(`d_${index}`);
    await out.close();
    const kept = ["out.ndjson.3", "out.ndjson.2", "out.ndjson.1", "out.ndjson"].flatMap(keys);
    expect(kept).toEqual(
      Array.from({ length: kept.length }, (_, i) => `d_${10 - kept.length + i}`),
    );
    expect(kept.length).toBeGreaterThan(4);
    expect(existsSync(at("out.ndjson.4"))).toBe(false);
    for (const name of ["out.ndjson", "out.ndjson.1"])
      expect(statSync(at(name)).size).toBeLessThanOrEqual(4096);
  });

  it("keeps nothing old with keep: 0", async () => {
    const out = create({ max_size: "1B", keep: 0 });
    await out.send("d_1");
    await out.send("d_2");
    await out.close();
    expect(keys()).toEqual(["d_2"]);
    expect(existsSync(at("out.ndjson.1"))).toBe(false);
  });

  it("goes on where an earlier process stopped", async () => {
    for (const key of ["d_1", "d_2"]) {
      const out = create({ max_size: "1B", keep: 2 });
      await out.send(key);
      await out.close();
    }
    expect(keys()).toEqual(["d_2"]);
    expect(keys("out.ndjson.1")).toEqual(["d_1"]);
  });
});

describe("a file that cannot be written", () => {
  it("is tried again later, and says why", async () => {
    mkdirSync(at("out.ndjson"));
    const out = create();
    const failed = await out.send("d_1");
    expect(failed).toMatchObject({ kind: "retry", reason: "io_error" });
    expect(failed).toMatchObject({ error: expect.stringContaining("EISDIR") as string });
    rmSync(at("out.ndjson"), { recursive: true });
    expect(await out.send("d_1")).toEqual({ kind: "delivered" });
    await out.close();
    expect(keys()).toEqual(["d_1"]);
  });

  it.skipIf(!existsSync("/dev/full"))("is a retry when the disk is full", async () => {
    const { context } = contextWith();
    const config = file.config.parse({ path: "/dev/full" });
    const out = file.create(config, context);
    const message = messageWith();
    const verdict = await out.send(out.render(message), message, sendingWith().sending);
    expect(verdict).toMatchObject({ kind: "retry", reason: "io_error" });
    expect(verdict).toMatchObject({ error: expect.stringContaining("ENOSPC") as string });
    await out.close();
  });

  it("does not keep the part of a line that fitted", () => {
    // A limit on the size of files stands in for a disk that fills up: 4 blocks of 512 bytes.
    const script = new URL("../testing/append-lines.ts", import.meta.url).pathname;
    const command = 'ulimit -f 4; exec "$0" --import tsx "$@"';
    const args = ["-c", command, process.execPath, script, at("out.ndjson"), "a", "b", "c", "d"];
    const run = spawnSync("sh", args, { encoding: "utf8" });
    expect(run.stdout).toBe("a ok\nb ok\nc EFBIG\nd EFBIG\n");
    expect(lines()).toEqual(["a".repeat(699), "b".repeat(699)]);
    expect(statSync(at("out.ndjson")).size).toBe(1400);
  });

  it("that was moved away is made anew", async () => {
    const out = create();
    await out.send("d_1");
    renameSync(at("out.ndjson"), at("moved.ndjson"));
    await out.send("d_2");
    await out.close();
    expect(keys("moved.ndjson")).toEqual(["d_1"]);
    expect(keys()).toEqual(["d_2"]);
  });
});
