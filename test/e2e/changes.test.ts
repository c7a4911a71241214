import { afterAll, beforeAll, expect, test } from "vitest";
import { openBench } from "../../src/cli/testing/run.ts";
import { request, startScene, type Answer, type Scene } from "./program.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await startScene(`
sources: { in: { kind: generic } }
destinations: { out: { kind: file, path: "./out.ndjson" } }
cases: [{ name: by-host, match: "*", group_by: [host.name] }]
routes: [{ name: all, to: [out] }]
`);
});
afterAll(() => scene.stop());

function post(path: string, body: object): Promise<Answer> {
  const authorization = `Bearer ${scene.adminKey}`;
  const headers = { authorization, "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return request(`${scene.url}/api/v1${path}`, init);
}

/** Sends an alert of the host web-1, and answers which case it came to. */
async function caseOf(title: string): Promise<string> {
  const event = { title, severity: "high", host: { name: "web-1" } };
  const taken = await scene.post("/v1/ingest/in", JSON.stringify(event));
  const path = `/api/v1/alerts/${taken.json.events[0].id}`;
  let alert = await scene.get(path);
  for (let tries = 0; tries < 1000 && alert.status !== 200; tries += 1) {
    alert = await scene.get(path);
  }
  return alert.json.case_id;
}

test("people work on the cases of a running program over the API and by commands alike", async () => {
  const id = await caseOf("Odd login");
  const changed = await post(`/cases/${id}`, { owner: "ada", status: "in_progress" });
  expect(changed.json).toMatchObject({ id, owner: "ada", status: "in_progress" });
  const bench = openBench({ env: { TOCSIN_DATA: scene.paths.folder }, now: Date.now });
  expect((await bench.run("case", "comment", id, "Seen before.", "--as", "bob")).code).toBe(0);
  const closed = await post(`/cases/${id}/close`, { verdict: "benign" });
  expect(closed.json).toMatchObject({ status: "closed", verdict: "benign" });
  const shown = await bench.json("case", "show", id);
  bench.dispose();
  expect(shown.alerts.items).toMatchObject([{ status: "closed" }]);
  const told = shown.timeline.items.map(({ who, kind }: { who: string; kind: string }) => {
    return `${kind} ${who.replace(/\(.*\)/, "(id)")}`;
  });
  expect(told.slice(-5)).toEqual([
    "owner first admin (id)",
    "comment bob",
    "status first admin (id)",
    "verdict first admin (id)",
    "status first admin (id)",
  ]);
  expect(await caseOf("Odder login")).not.toBe(id);
});

test("what cannot be done is told with its component and a hint, across the threads", async () => {
  const refused = await post("/cases/CASE-000099/comments", { text: "Hello." });
  expect(refused.json).toMatchObject({
    status: 404,
    code: "NOT_FOUND",
    message: "there is no case CASE-000099",
    hint: expect.stringContaining("case list"),
  });
});
