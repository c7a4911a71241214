import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startPeer, type Peer } from "../../test/peers/peer.ts";
import { openBench, type Bench } from "./testing/run.ts";

let bench: Bench;
let peer: Peer;
let status = 200;
beforeEach(async () => {
  bench = openBench();
  status = 200;
  peer = await startPeer((_received, response) => {
    response.writeHead(status);
    response.end("noted\u001b[2J for s3cret-token");
  });
  writeFileSync(
    join(bench.folder, "tocsin.yaml"),
    `
destinations:
  hook:
    kind: webhook
    url: ${peer.url}/hook
    headers: { x-token: s3cret-token }
  disk: { kind: file, path: out/delivered.ndjson }
  screen: { kind: log }
routes:
  - { name: all, to: [hook, disk, screen] }
`,
  );
});
afterEach(async () => {
  await peer.close();
  bench.dispose();
});

test("a test message is sent, marked as a test, and the exchange shown without secrets", async () => {
  const { code, out } = await bench.run("destination", "test", "hook");
  expect(code).toBe(0);
  expect(out).toMatch(/^> POST http:\/\/localhost:\d+\/hook\n/);
  expect(out).toMatch(/\n< HTTP 200\n/);
  expect(out).toMatch(/\ndelivered to hook\n$/);
  expect(out).toContain("<secret>");
  expect(out).not.toContain("s3cret-token");
  expect(out).not.toContain("\u001b");
  expect(peer.received[0]?.headers["x-token"]).toBe("s3cret-token");
  expect(JSON.stringify(peer.received[0]?.body)).toMatch(/test/i);
});

test("a destination that refuses is told with the verdict and exit code 1", async () => {
  status = 400;
  const { code, out } = await bench.run("destination", "test", "hook");
  expect(code).toBe(1);
  expect(out).toMatch(/not delivered to hook \(it would be given up\): rejected_by_peer: /);
});

test("a destination that may answer later is told so", async () => {
  status = 503;
  const { code, out } = await bench.run("destination", "test", "hook");
  expect(code).toBe(1);
  expect(out).toMatch(/not delivered to hook \(it would be tried again\): server_error: /);
});

test("destination test --json has the verdict and the exchange", async () => {
  const { destination, verdict, exchanges } = await bench.json("destination", "test", "hook");
  expect(destination).toBe("hook");
  expect(verdict).toMatchObject({ kind: "delivered", status: 200 });
  expect(exchanges).toHaveLength(1);
  expect(JSON.stringify(exchanges)).not.toContain("s3cret-token");
});

test("a file and the terminal can be tried too", async () => {
  expect((await bench.run("destination", "test", "disk")).code).toBe(0);
  const line = readFileSync(join(bench.folder, "out", "delivered.ndjson"), "utf8");
  expect(JSON.parse(line)).toMatchObject({ test: true });
  const { code, out } = await bench.run("destination", "test", "screen");
  expect(code).toBe(0);
  expect(out).toContain("Test message");
});

test("a name that is not in the configuration is answered with the nearest", async () => {
  const { code, err } = await bench.run("destination", "test", "hok");
  expect(code).toBe(1);
  expect(err).toBe(
    "tocsin: destination: the configuration has no destination hok\n  hint: did you mean `hook`?\n",
  );
});

test("destination list shows kinds and the routes that lead there", async () => {
  const { code, out } = await bench.run("destination", "list");
  expect(code).toBe(0);
  expect(out).toMatch(/^NAME +KIND +ROUTES +SUMMARY\nhook +webhook +all/);
  expect((await bench.json("destination", "list")).items).toMatchObject([
    { name: "hook", kind: "webhook", routes: ["all"] },
    { name: "disk", kind: "file" },
    { name: "screen", kind: "log" },
  ]);
});

test("a broken configuration is told problem by problem", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), "lisen: x\nsorces: {}\n");
  const { code, err } = await bench.run("destination", "list");
  expect(code).toBe(2);
  expect(err.split("\n").slice(0, 3)).toEqual([
    expect.stringMatching(/^tocsin\.yaml:1:1 /),
    expect.stringMatching(/^tocsin\.yaml:2:1 /),
    "tocsin: configuration: tocsin.yaml has 2 errors",
  ]);
});
