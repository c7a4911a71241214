import { expect, it } from "vitest";
import { parseConfiguration } from "./configuration.ts";
import { registries } from "./registries.ts";
import { statusListeners } from "./status-updates.ts";

const TEXT = `
sources: { kibana: { kind: kibana } }
destinations:
  hook: { kind: slack, webhook_url: "\${env:HOOK}" }
  bot: { kind: slack, token: "\${env:TOKEN}", channel: C0123456789 }
  quiet: { kind: slack, token: "\${env:TOKEN}", channel: C0123456789, status_updates: false }
  terminal: { kind: log }
  receiver: { kind: webhook, url: "https://receiver.example.org", status_updates: true }
  archive: { kind: webhook, url: "https://archive.example.org" }
routes:
  - { name: all, to: [hook, bot, quiet, terminal, receiver, archive] }
`;

it("those that can change a message hear of status, unless told otherwise, and those that are told to", () => {
  const env = { HOOK: "https://hooks.slack.com/services/T/B/x", TOKEN: "xoxb-0123456789" };
  const options = { env, registries, cwd: "/", file: "tocsin.yaml", text: TEXT };
  const result = parseConfiguration(options);
  if (!result.ok) expect.unreachable(JSON.stringify(result.problems));
  else expect(statusListeners(result.configuration)).toEqual(["bot", "receiver"]);
});
