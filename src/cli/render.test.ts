import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataBench, type DataBench } from "./testing/data.ts";

const CONFIGURATION = `
public_url: https://tocsin.example.org
sources: { sensor: { kind: generic } }
destinations:
  hook: { kind: webhook, url: "https://hook.example.org/secret-path", secret: "\${env:SIGNING}" }
  line: { kind: log, template: { line: "{{ alert.number }} {{ links.alert }}" } }
  room: { kind: google-chat, webhook_url: "https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t", thread_by: [source.name] }
  broken: { kind: log, template: { line: "{% for i in (1..1000000000) %}x{% endfor %}" } }
routes:
  - { name: all, to: [hook, line, room, broken] }
`;

let bench: DataBench;
beforeEach(async () => {
  bench = await openDataBench();
  writeFileSync(join(bench.folder, "tocsin.yaml"), CONFIGURATION);
});
afterEach(() => bench.close());

const env = { SIGNING: "a signing secret of the receiver" };

async function render(...args: string[]) {
  const data = bench.data.path;
  const where = ["--config", join(bench.folder, "tocsin.yaml"), "--data", data];
  return bench.runWith({ env }, "render", ...args, ...where);
}

test("a message is shown as it would be sent, without secrets and without sending it", async () => {
  const { code, out } = await render("--destination", "hook", "--alert", "ALR-000001");
  expect(code).toBe(0);
  const [head, , ...body] = out.split("\n");
  expect(head).toBe("hook (webhook), application/json");
  const shown = JSON.parse(body.join("\n")) as { kind: string; alert: { number: string } };
  expect(shown).toMatchObject({ kind: "alert", alert: { number: "ALR-000001" } });
  expect(out).not.toContain("secret");
});

test("a message is shown in its thread", async () => {
  const { out } = await render("--destination", "room", "--alert", "ALR-000001");
  expect(JSON.parse(out.split("\n").slice(2).join("\n"))).toHaveProperty("thread.threadKey");
});

test("a template, another kind of message and JSON", async () => {
  const line = await render("--destination", "line", "--alert", "ALR-000001");
  expect(line.out).toMatch(
    /ALR-000001 https:\/\/tocsin\.example\.org\/api\/v1\/alerts\/[0-9A-Z]{26}\n/,
  );
  const args = ["--destination", "hook", "--alert", "ALR-000001", "--kind", "reminder", "--json"];
  const { out } = await render(...args);
  const { destination, type, text } = JSON.parse(out) as Record<string, string>;
  expect([destination, type]).toEqual(["hook", "application/json"]);
  expect(JSON.parse(text ?? "")).toMatchObject({ kind: "reminder" });
});

test.each([
  [["--destination", "hook", "--alert", "ALR-999999"], 1, "there is no alert ALR-999999"],
  [["--destination", "hok", "--alert", "ALR-000001"], 1, "did you mean `hook`?"],
  [["--destination", "broken", "--alert", "ALR-000001"], 2, "template.line"],
  [["--alert", "ALR-000001"], 64, "--destination"],
  [["--destination", "hook", "--alert", "ALR-000001", "--kind", "status"], 64, "--kind"],
])("%j ends with %i", async (args, wanted, words) => {
  const { code, err } = await render(...args);
  expect(err).toContain(words);
  expect(code).toBe(wanted);
});
