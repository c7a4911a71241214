import { afterEach, expect, it } from "vitest";
import { startScene, type Scene } from "./program.ts";

let scene: Scene | null = null;
afterEach(async () => {
  await scene?.stop();
  scene = null;
});

const RULES = `
sources: { in: { kind: generic } }
destinations: { out: { kind: file, path: out.ndjson } }
routes: [{ name: all, to: [out] }]
`;

it("refuses with 503 while too much waits to be decided, and takes it when that is over", async () => {
  scene = await startScene(`${RULES}\nbackpressure: { max_backlog: 2, retry_after: 7s }`);
  const send = (id: string) => scene?.post("/v1/ingest/in", JSON.stringify({ title: id }));
  await scene.program.pause(true);
  const statuses = [];
  for (const id of ["a", "b", "c", "d", "e"]) statuses.push((await send(id))?.status);
  expect(statuses).toEqual([202, 202, 202, 503, 503]);
  const refused = await send("f");
  expect(refused?.headers.get("retry-after")).toBe("7");
  expect(refused?.json).toMatchObject({ code: "OVERLOADED" });
  expect((await scene.get("/readyz")).status).toBe(503);
  await scene.program.pause(false);
  let last = 503;
  for (let tries = 0; tries < 500 && last === 503; tries += 1)
    last = (await send("g"))?.status ?? 0;
  expect(last).toBe(202);
  expect(scene.audit().gaps).toEqual([]);
});

it("refuses with 503 when the disk has too little room", async () => {
  scene = await startScene(`${RULES}\nbackpressure: { min_free: 1000000GiB }`);
  const answer = await scene.post("/v1/ingest/in", '{"title":"a"}');
  expect([answer.status, answer.json.code]).toEqual([503, "OVERLOADED"]);
  expect(answer.json.message).toContain("bytes free");
  expect(scene.audit().received.items).toBe(0);
});
