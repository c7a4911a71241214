import { expect, it } from "vitest";
import type { Message } from "../destination.ts";
import { textsOf, useFakeSlack } from "../testing/fake-slack.ts";
import {
  aDigest,
  caseWith,
  contextWith,
  hostileAlert,
  hugeAlert,
  messageWith,
} from "../testing/messages.ts";
import { slack } from "./slack.ts";

const peer = useFakeSlack();

function render(template: Record<string, string>, change: Partial<Message> = {}) {
  const config = slack.config.parse({ ...peer.asWebhook(), template });
  return slack.create(config, contextWith().context).render(messageWith(change));
}

const markupOf = (message: ReturnType<typeof render>) =>
  message.attachments[0].blocks.flatMap((block) => {
    return block.type === "section" && "text" in block ? [block.text] : [];
  });

it("a title of one's own is the heading and the notification, as plain text", () => {
  const message = render({ title: "{{ alert.rule.name }} <on> {{ alert.entities.hosts[0] }}" });
  expect(textsOf(message.blocks)).toContain("Brute force &lt;on&gt; web-1");
  expect(message.text).toBe("Brute force &lt;on&gt; web-1 (ALR-000123, kibana)");
});

it("a text of one's own stands in the place of the texts, and its markup is markup", () => {
  const text =
    "*Look* at <https://wiki.lab/{{ alert.number }}|the runbook>\n{{ counts.seen }} times";
  expect(markupOf(render({ text }))).toEqual([
    {
      type: "mrkdwn",
      text: "*Look* at <https://wiki.lab/ALR-000123|the runbook>\n1 times",
      verbatim: true,
    },
  ]);
});

it("facts of one's own stand in the place of the table", () => {
  const blocks = render({ facts: "Case {{ case.id }}" }, { case: caseWith() }).attachments[0]
    .blocks;
  expect(blocks[0]).toMatchObject({ text: { text: "Case CASE-000012" } });
  expect(JSON.stringify(blocks)).not.toContain("*Severity*");
});

it("what alerts put into a template is text", () => {
  const text = "`{{ alert.title }}` {{ alert.entities.hosts | join: ' ' }}";
  const [shown] = markupOf(render({ text }, { alert: hostileAlert() }));
  expect(shown?.text).toContain("&lt;!channel&gt; &lt;@U012AB3CD&gt;");
  expect(shown?.text).not.toMatch(/[<>]/);
  expect(shown?.text.match(/`/g)).toHaveLength(2);
});

it("a part that comes to nothing is left out", () => {
  const only = "{% if digest %}of a digest{% endif %}";
  expect(markupOf(render({ text: only, facts: only }))).toEqual([]);
  const digest = markupOf(render({ text: only, facts: only }, { digest: aDigest() }));
  expect(digest.map(({ text }) => text)).toEqual(["of a digest", "of a digest"]);
});

it.each(["<", "&", "x", "😀", "`", "\n"])("is cut where Slack's room ends: %j", async (letter) => {
  const part = "{{ alert.description }}{{ alert.title }}";
  const template = { title: part, text: part, facts: part };
  const alert = hugeAlert(1_000_000, 2, letter);
  const { verdict } = await peer.send({ ...peer.asBot(), template }, messageWith({ alert }));
  expect(verdict).toMatchObject({ kind: "delivered" });
});

it("no entity and no letter is cut in half", () => {
  for (let width = 2990; width <= 3000; width += 1) {
    const [shown] = markupOf(
      render(
        { text: `${"x".repeat(width)}{{ alert.title }}` },
        {
          alert: hugeAlert(50, 1, "<"),
        },
      ),
    );
    expect(shown?.text).toMatch(/^x+(&lt;)*…$/);
  }
});

it("a case is among the facts, though Slack shows only ten of them in one table", () => {
  const alert = { ...messageWith().alert, count: 3 };
  const blocks = render({}, { case: caseWith(), alert }).attachments[0].blocks;
  const tables = blocks.flatMap((block) => ("fields" in block ? [block.fields.length] : []));
  expect(tables).toEqual([10, 1]);
  expect(textsOf(blocks)).toContain("*Case*\n`CASE-000012 Brute force on web-1`");
});
