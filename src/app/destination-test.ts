/** Tries a destination by hand. */
import { completeAlert } from "../alert/complete.ts";
import { emptyContent } from "../alert/content.ts";
import type { Alert } from "../alert/schema.ts";
import { attempt } from "../delivery/attempt.ts";
import type { Destination, Exchange, Message, Verdict } from "../destinations/destination.ts";
import type { Configuration, ConfiguredDestination } from "./configuration.ts";
import { buildDestination } from "./destinations.ts";

/** What a test message came to; `printed` is what a destination wrote to the terminal. */
export interface DestinationTest {
  readonly verdict: Verdict;
  readonly exchanges: readonly Exchange[];
  readonly printed: readonly string[];
}

/** Sends one marked message to a destination, outside the outbox: it is tried once and not recorded. */
export async function testDestination(
  configured: ConfiguredDestination,
  { egress, clusters, directory }: Configuration,
  now: number,
): Promise<DestinationTest> {
  const printed: string[] = [];
  const exchanges: Exchange[] = [];
  const print = (line: string): void => void printed.push(line);
  const parts = { egress, clusters, directory, print, now: () => now };
  const built = await buildDestination(configured, parts);
  const recording: Destination = {
    ...built.destination,
    send: (rendered, message, context) =>
      built.destination.send(rendered, message, {
        ...context,
        record: (exchange) => exchanges.push(exchange),
      }),
  };
  try {
    const never = new AbortController().signal;
    const verdict = await attempt(recording, testMessage(now), never);
    return { verdict, exchanges, printed };
  } finally {
    await built.destination.close();
  }
}

/** A message that says that it is a test, with something in every place that messages show. */
function testMessage(now: number): Message {
  const alert = testAlert(now);
  return {
    kind: "alert",
    alert,
    digest: null,
    case: null,
    key: `test-${now}`,
    thread: null,
    memory: null,
    link: null,
    test: true,
  };
}

function testAlert(now: number): Alert {
  const time = new Date(now).toISOString();
  const source = {
    name: "tocsin",
    kind: "tocsin",
    vendor: "Tocsin",
    product: "Tocsin",
    space: null,
  };
  const content = emptyContent(source);
  return completeAlert(
    {
      ...content,
      title: "Test message of tocsin destination test",
      description: "Sent by hand to try this destination. Nothing has happened.",
      severity: "informational",
      event_time: time,
      detected_at: time,
      rule: { ...content.rule, name: "destination test" },
      artifacts: [{ type: "ip", value: "192.0.2.1", role: "related", field: "example.ip" }],
      tags: ["test"],
    },
    { position: 0, key: `test:${now}`, receivedAt: now },
  );
}
