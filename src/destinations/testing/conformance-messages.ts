/** Every message that there can be, at any kind of destination, sent to a peer that works. */
import { expect, it } from "vitest";
import { z } from "zod";
import { emptyContent } from "../../alert/content.ts";
import type { DestinationDefinition, Message } from "../destination.ts";
import {
  alertWith,
  caseWith,
  digestMessage,
  HOSTILE,
  hostileAlert,
  hugeAlert,
  messageWith,
} from "./messages.ts";
import { createRig, useClosing, type RigOptions } from "./conformance-rig.ts";
import type { Subject } from "./subject.ts";

const LONG = 1_000_000;

/** Messages as hostile and as long as they come; each must be delivered. */
const MESSAGES: Readonly<Record<string, () => Message>> = {
  "an alert": () => messageWith(),
  "an alert in a case": () => messageWith({ case: caseWith({ title: HOSTILE, owner: HOSTILE }) }),
  "a test": () => messageWith({ test: true, link: null }),
  "an update of what it does not know": () =>
    messageWith({ kind: "update", key: "d_01JTFYX3M0_7~1", alert: alertWith({ count: 2 }) }),
  "a closed alert": () =>
    messageWith({ alert: alertWith({ status: "closed", verdict: "false_positive" }) }),
  "a reminder": () => messageWith({ kind: "reminder", key: "d_01JTFYX3M0_7~2" }),
  "a message of a thread": () => messageWith({ thread: "case 1" }),
  "an alert of which little is known": () => messageWith({ alert: bareAlert(), link: null }),
  "an alert without a title": () => messageWith({ alert: alertWith({ title: "" }) }),
  "hostile text": () => messageWith({ alert: hostileAlert() }),
  "fields of 1 MB": () => messageWith({ alert: hugeAlert(LONG, 2) }),
  "fields of 1 MB of what every escape makes longer": () =>
    messageWith({ alert: hugeAlert(LONG, 2, "<") }),
  "emoji beyond the first plane": () => messageWith({ alert: hugeAlert(20_000, 5, "😀") }),
  "line breaks everywhere": () => messageWith({ alert: hostileAlert("a\r\nb: c\r\n.\r\n") }),
  "thousands of values": () => messageWith({ alert: hugeAlert(100, 5000) }),
  "a digest of 500": () => digestMessage(alertWith(), 500),
  "a digest of 500 hostile alerts": () => digestMessage(hostileAlert(), 500),
  "a digest of 500 long alerts": () => digestMessage(hugeAlert(2000, 20, "&"), 500),
};

/** Declares the tests that every kind has. */
export function describeMessages(definition: DestinationDefinition, subject: Subject): void {
  const closing = useClosing();
  const start = async (options: RigOptions = {}) => {
    const peer = closing(await subject.start());
    return { peer, rig: createRig(definition, peer, options, closing) };
  };

  if (subject.transport === "http" && subject.tells === false) return;

  it.each(Object.entries(MESSAGES))("delivers %s", async (_name, make) => {
    const { peer, rig } = await start();
    const message = make();
    const { verdict } = await rig.try(message);
    expect(verdict).toMatchObject({ kind: "delivered" });
    expect((await peer.kept()).length).toBeGreaterThan(0);
  });

  it("renders the same message in the same way", async () => {
    const { rig } = await start();
    const [first, second] = [rig, rig].map(({ destination }) => {
      return destination.show(destination.render(messageWith({ alert: hostileAlert() })));
    });
    expect(first).toEqual(second);
    expect(first?.text).not.toBe("");
  });

  it("shows and renders no secret", async () => {
    const { peer, rig } = await start();
    const rendered = rig.destination.render(messageWith());
    const shown = JSON.stringify([rendered, rig.destination.show(rendered)]);
    for (const secret of peer.secrets) expect(shown).not.toContain(secret);
  });

  declareLimits(definition, start);
  declareTemplates(definition, start);
}

type Start = (options?: RigOptions) => Promise<{
  readonly peer: Awaited<ReturnType<Subject["start"]>>;
  readonly rig: ReturnType<typeof createRig>;
}>;

function declareLimits(definition: DestinationDefinition, start: Start): void {
  const { limits } = definition;
  if (limits.length === 0) return;

  it("keeps every limit, and uses what it allows", async () => {
    const { peer, rig } = await start();
    const lengths = new Set(limits.flatMap(({ max }) => [max - 1, max, max + 1, max * 2]));
    const longest = [...lengths].filter((length) => length <= LONG);
    const messages = [
      ...longest.map((length) => messageWith({ alert: hugeAlert(length, 2) })),
      ...longest.map((length) => messageWith({ alert: hugeAlert(length, 2, "&") })),
      messageWith({ alert: hugeAlert(LONG, 2) }),
      messageWith({ alert: hugeAlert(50, 5000) }),
      digestMessage(hugeAlert(500, 20), 500),
    ];
    for (const [index, message] of messages.entries()) {
      const { verdict } = await rig.try({ ...message, key: `d_limit_${index}` });
      expect(verdict).toMatchObject({ kind: "delivered" });
    }
    const sizes = (await peer.kept()).map((each) => peer.measure(each));
    for (const { of, max, beyond } of limits) {
      const largest = Math.max(...sizes.map((size) => size[of] ?? Number.NaN));
      expect(largest, of).toBeLessThanOrEqual(max);
      // What is cut is cut at the limit and not long before it.
      if (beyond === "cut") expect(largest, of).toBeGreaterThanOrEqual(max / 2);
    }
  });
}

function declareTemplates(definition: DestinationDefinition, start: Start): void {
  const parts = partsOf(definition);
  if (parts.length === 0) return;

  it("puts the values of templates where they can do no harm", async () => {
    const part = `{{ alert.title }} {{ alert.entities.hosts }} {{ case.title }} {{ counts.seen }}`;
    const template = Object.fromEntries(parts.map((name) => [name, part]));
    const { peer, rig } = await start({ settings: { template } });
    const message = messageWith({ alert: hostileAlert(), case: caseWith({ title: HOSTILE }) });
    const { verdict } = await rig.try(message);
    expect(verdict).toMatchObject({ kind: "delivered" });
    expect((await peer.kept()).length).toBeGreaterThan(0);
  });

  it("keeps the limits whatever templates make", async () => {
    const endless = "{{ alert.description }}{{ alert.title }}";
    const template = Object.fromEntries(parts.map((name) => [name, endless]));
    const { peer, rig } = await start({ settings: { template } });
    const { verdict } = await rig.try(messageWith({ alert: hugeAlert(400_000, 2, "<") }));
    expect(verdict).toMatchObject({ kind: "delivered" });
    const sizes = (await peer.kept()).map((each) => peer.measure(each));
    for (const { of, max } of definition.limits)
      expect(Math.max(...sizes.map((size) => size[of] ?? Number.NaN)), of).toBeLessThanOrEqual(max);
  });

  it.each(parts)("refuses a template for %s that does not parse", async (part) => {
    await expect(start({ settings: { template: { [part]: "{{ alert.title" } } })).rejects.toThrow(
      expect.objectContaining({
        code: "TEMPLATE_INVALID",
        component: expect.stringContaining(`template.${part}`) as string,
      }),
    );
  });
}

/** The names of the parts that `template` takes; a body in JSON is for its own tests. */
function partsOf({ config }: DestinationDefinition): string[] {
  const template =
    config instanceof z.ZodObject ? (config.shape["template"] as unknown) : undefined;
  const inner = template instanceof z.ZodOptional ? template.unwrap() : template;
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.keys(inner.shape).filter((name) => name !== "body");
}

function bareAlert() {
  const { source } = alertWith();
  return alertWith({
    ...emptyContent(source),
    title: "Something",
    entities: { hosts: [], users: [], ips: [] },
  });
}
