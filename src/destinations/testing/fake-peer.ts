/** Sending to a fake peer in the tests of a kind of destination. */
import { afterEach } from "vitest";
import type { DestinationDefinition, Message } from "../destination.ts";
import { createHttp } from "../../net/client.ts";
import { contextWith, sendingWith } from "./messages.ts";

interface Closable {
  close(): Promise<void>;
}

/**
 * Makes the function that gives a test a fresh peer and a way to send to it. Both are closed after the
 * test.
 */
export function useFakePeer<Config, Rendered, Fake extends Closable>(
  definition: DestinationDefinition<Config, Rendered>,
  start: () => Promise<Fake>,
) {
  const open: Closable[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close();
  });
  return async (settingsOf: (fake: Fake) => Readonly<Record<string, unknown>>) => {
    const fake = await start();
    const egress = { allow: [], deny: [] };
    const http = createHttp({ component: "destination soc", egress, connections: 1 });
    const config = definition.config.parse(settingsOf(fake));
    const destination = definition.create(config, contextWith({ http }).context);
    open.push(fake, http, destination);
    const send = (message: Message) =>
      destination.send(destination.render(message), message, sendingWith().sending);
    return { fake, send };
  };
}
