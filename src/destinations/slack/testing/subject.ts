import {
  SLACK_CHANNEL,
  SLACK_SIGNING_SECRET,
  SLACK_TOKEN,
  startSlack,
  type FakeSlack,
  type SlackPost,
} from "../../../../test/peers/slack.ts";
import type { HttpSubject, HttpSubjectPeer } from "../../testing/subject.ts";
import { sizeOf, type Block } from "../blocks.ts";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "slack through an incoming webhook",
    start: async (tls) => {
      const fake = await startSlack(tls);
      return subjectPeer(fake, { webhook_url: fake.webhookUrl }, [fake.webhookUrl]);
    },
  },
  {
    transport: "http",
    name: "slack as a bot",
    start: async (tls) => {
      const fake = await startSlack(tls);
      return subjectPeer(fake, asBot(fake), [SLACK_TOKEN]);
    },
  },
  {
    transport: "http",
    name: "slack as a bot with buttons",
    start: async (tls) => {
      const fake = await startSlack(tls);
      const users = { U012AB3CD: "alice" };
      const actions = { signing_secret: SLACK_SIGNING_SECRET, users };
      const secrets = [SLACK_TOKEN, SLACK_SIGNING_SECRET];
      return subjectPeer(fake, { ...asBot(fake), actions }, secrets);
    },
  },
];

function asBot({ apiUrl }: FakeSlack): Record<string, unknown> {
  return { token: SLACK_TOKEN, channel: SLACK_CHANNEL, api_url: apiUrl };
}

function subjectPeer(
  fake: FakeSlack,
  settings: Record<string, unknown>,
  secrets: readonly string[],
): HttpSubjectPeer {
  return { ...fake, settings, secrets, kept: () => fake.posts, measure };
}

interface Payload {
  readonly blocks: readonly Block[];
  readonly attachments: readonly { readonly blocks: readonly Block[] }[];
}

function measure(kept: unknown): Record<string, number> {
  const { blocks, attachments } = (kept as SlackPost).payload as unknown as Payload;
  const all = [...blocks, ...attachments.flatMap((each) => each.blocks)];
  const fields = all.map((block) => ("fields" in block ? block.fields : []));
  return {
    heading: longest(all, "header"),
    section: longest(all, "section"),
    fields: Math.max(...fields.map((each) => each.length)),
    field: Math.max(0, ...fields.flat().map(({ text }) => text.length)),
    "button's URL": Math.max(0, ...all.flatMap(urlsOf).map((url) => url.length)),
    blocks: all.length,
    "all blocks": sizeOf(all),
  };
}

function longest(all: readonly Block[], type: string): number {
  const lengths = all.map((block) => (block.type === type ? textLength(block) : 0));
  return Math.max(0, ...lengths);
}

function textLength(block: Block): number {
  return "text" in block ? block.text.text.length : 0;
}

function urlsOf(block: Block): string[] {
  if (block.type !== "actions") return [];
  return block.elements.flatMap((each) => ("url" in each && each.url ? [each.url] : []));
}
