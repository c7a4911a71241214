import { userInfo } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCaseBench } from "./testing/cases.ts";
import type { DataBench } from "./testing/data.ts";

let bench: DataBench;
beforeEach(async () => void (bench = await openCaseBench()));
afterEach(() => bench.close());

const show = (name: string) => bench.json("alerts", "show", name);

test("alerts are acknowledged by whoever runs the command", async () => {
  const { code, out } = await bench.run("alert", "ack", "ALR-000001", "ALR-000002");
  expect({ code, out }).toEqual({
    code: 0,
    out: "ALR-000001 is acknowledged: Login on web-1\nALR-000002 is acknowledged: Login on web-1\n",
  });
  const alert = await show("ALR-000001");
  expect(alert.status).toBe("acknowledged");
  expect(alert.actions).toMatchObject([{ who: userInfo().username, kind: "alert.changed" }]);
});

test("an alert is closed with a verdict and a comment, by whom is said, and reopened", async () => {
  const close = ["alert", "close", "ALR-000001", "--verdict", "benign"];
  const { out } = await bench.run(...close, "--comment", "Backup\u001b[2J.", "--as", "ada");
  expect(out).toBe("ALR-000001 is closed as benign: Login on web-1\n");
  const shown = await bench.run("alerts", "show", "ALR-000001");
  expect(shown.out).toMatch(/\n {2}status +closed, /);
  expect(shown.out).toMatch(/\n {2}verdict +benign\n {2}case +CASE-000001\n/);
  expect(shown.out).toMatch(/\n {2}by hand +2026-05-04 12:01:00Z ada: closed, benign\n/);
  expect(shown.out).toMatch(/ ada: Backup.*\.\n/);
  expect(shown.out).not.toContain("\u001b");
  expect(await bench.json("alert", "reopen", "ALR-000001")).toMatchObject({
    items: [{ number: "ALR-000001", status: "new", verdict: null }],
  });
});

test.each([
  [["alert", "close", "ALR-000001"], 64, "--verdict"],
  [["alert", "close", "ALR-000001", "--verdict", "bad"], 64, "is invalid"],
  [["alert", "ack"], 64, "missing required argument"],
  [["alert", "ack", "ALR-000001", "ALR-000099"], 1, "there is no alert ALR-000099"],
  [["alert", "reopen", "ALR-000001"], 1, "is open already"],
  [["alert", "ack", "ALR-000001", "--data", "nowhere"], 2, "there is no data"],
])("%j fails with %i and a hint, and changes nothing", async (argv, expected, message) => {
  const { code, out, err } = await bench.run(...argv);
  expect({ code, out }).toEqual({ code: expected, out: "" });
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
  expect((await show("ALR-000001")).status).toBe("new");
});
