import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { startTeams } from "../../../test/peers/teams.ts";
import { createHttp } from "../../net/client.ts";
import type { Message } from "../destination.ts";
import { jsonBytes } from "../fit.ts";
import { useClosing } from "../testing/conformance-rig.ts";
import {
  alertWith,
  caseWith,
  contextWith,
  HOSTILE,
  hostileAlert,
  hugeAlert,
  messageWith,
  sendingWith,
} from "../testing/messages.ts";
import { createRender, type TeamsMessage } from "./render.ts";
import { teams } from "./teams.ts";

const closing = useClosing();
const render = createRender(undefined, "destination soc");
const cardOf = ({ attachments }: TeamsMessage) => attachments[0].content;

/** The texts of all elements of a type. */
function textsOf(type: "TextRun" | "TextBlock", part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  const own = "type" in part && part.type === type && "text" in part ? [String(part.text)] : [];
  return [...own, ...Object.values(part).flatMap((each) => textsOf(type, each))];
}

describe("a card", () => {
  it("is what stands in the sample", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    expect(render(messageWith())).toEqual(JSON.parse(readFileSync(sample, "utf8")));
  });

  it.each([
    ["critical", "attention"],
    ["high", "attention"],
    ["medium", "warning"],
    ["low", "accent"],
    ["unknown", "emphasis"],
  ] as const)("of severity %s has the style %s", (severity, style) => {
    const message = messageWith({ alert: alertWith({ severity }) });
    expect(cardOf(render(message)).body[0]).toMatchObject({ style });
  });

  it("holds nothing of an alert where Markdown is read", () => {
    const made = render(messageWith({ alert: hostileAlert(), case: caseWith({ title: HOSTILE }) }));
    expect(textsOf("TextBlock", made)).toEqual([]);
    expect(textsOf("TextRun", made).join("\n")).toContain("*bold*");
    expect(JSON.stringify(made)).not.toMatch(/"https:\/\/evil\.example\/?[^"]*click/);
  });

  it("shows a line as a block of its own, and many as one", () => {
    const some = render(messageWith({ alert: alertWith({ reason: "first\r\n\nsecond" }) }));
    expect(textsOf("TextRun", some)).toEqual(expect.arrayContaining(["first", "second"]));
    const many = render(messageWith({ alert: alertWith({ reason: "x\n".repeat(500) }) }));
    expect(textsOf("TextRun", many).filter((text) => text === "x")).toHaveLength(29);
    expect(textsOf("TextRun", many)).toContain(Array(471).fill("x").join(" "));
  });

  it.each(["本", "😀", "@", "a.bc."])("fits whatever it is made of: %j", (letter) => {
    const made = render(messageWith({ alert: hugeAlert(50_000, 500, letter) }));
    expect(jsonBytes(made)).toBeLessThanOrEqual(20_000);
  });

  it("says the operator's words in Markdown, and the alert's as text", () => {
    const template = { title: "**{{ alert.title }}**", text: "_seen_ {{ alert.title }}" };
    const own = createRender(template, "destination soc");
    const made = own(messageWith({ alert: alertWith({ title: "*x* <at>all</at> [a](b)" }) }));
    const title = "\\*x\\* &lt;at&gt;all&lt;/at&gt; \\[a\\]\\(b\\)";
    expect(textsOf("TextBlock", made)).toEqual([`**${title}**`, `_seen_ ${title}`]);
    expect(textsOf("TextRun", made)).toHaveLength(1);
  });

  it("whose template says nothing still has a heading", () => {
    const own = createRender({ title: "{{ nothing }}", text: " " }, "destination soc");
    expect(textsOf("TextBlock", own(messageWith()))).toEqual(["–"]);
  });
});

describe("a workflow", () => {
  const tell = async (status: number, body: string, message: Message = messageWith()) => {
    const fake = closing(await startTeams());
    fake.misbehave((_received, response) => void response.writeHead(status).end(body));
    const egress = { allow: [], deny: [] };
    const http = closing(createHttp({ component: "destination soc", egress, connections: 1 }));
    const config = teams.config.parse({ webhook_url: fake.webhookUrl });
    const destination = teams.create(config, contextWith({ http }).context);
    return destination.send(destination.render(message), message, sendingWith().sending);
  };

  it.each([
    [202, ""],
    [200, "1"],
    [200, '{"done":true}'],
  ])("that answers %i and '%s' has it", async (status, body) => {
    expect(await tell(status, body)).toMatchObject({ kind: "delivered", status });
  });

  it("whose webhook is of the old kind may say 200 to an error", async () => {
    const words =
      "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429";
    expect(await tell(200, words)).toMatchObject({
      kind: "retry",
      reason: "unexpected_answer",
      error: expect.stringContaining("returned HTTP error 429") as string,
    });
  });

  it("that is gone is named with a hint, in its own words", async () => {
    const body =
      '{"error":{"code":"WorkflowNotFound","message":"The workflow could not be found."}}';
    expect(await tell(404, body)).toMatchObject({
      kind: "reject",
      reason: "not_found",
      error: expect.stringMatching(
        /^HTTP 404: WorkflowNotFound: The workflow .* — .*URL/,
      ) as string,
    });
  });
});

it("cannot change a card that was posted", () => {
  const settings = teams.config.parse({ webhook_url: "https://flow.example.org/run" });
  expect(teams.canUpdate(settings)).toBe(false);
});
