/** Changes that people make over the API, carried out by the thread that owns what they change. */
import { fail } from "../errors.ts";
import { auditInThread } from "../ledger/audit-thread.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Commands } from "../server/api/commands.ts";
import type { Stream } from "../stream/stream.ts";
import type { Asked, Change, Changed, ChangeKind } from "./changes/change.ts";
import type { Configuration } from "./configuration.ts";
import { testDestination } from "./destination-test.ts";
import { countEvents } from "./intake.ts";
import type { DataPaths } from "./paths.ts";
import { renderMessage } from "./render.ts";
import { findReplayable, replayEntry, resolutionOf } from "./replay.ts";
import type { WorkerClient } from "./worker-client.ts";

export interface CommandParts {
  readonly paths: DataPaths;
  readonly configuration: Configuration;
  readonly stream: Stream;
  readonly ledger: Ledger;
  readonly running: WorkerClient;
}

/** The commands of a running program. */
export function createCommands(parts: CommandParts): Commands {
  const { paths, configuration, stream, ledger, running } = parts;
  return {
    // The worker answers with what the table of changes says for this kind.
    change: async <Kind extends ChangeKind>(kind: Kind, asked: Asked<Kind>, who: string) => {
      const change = { kind, asked } as Change;
      return (await running.call("change", { change, who })) as Changed<Kind>;
    },
    requeue: (selection, who) => running.call("requeue", { selection, who }),
    createKey: (wish) => running.call("createKey", { wish }),
    revokeKey: (id) => running.call("revokeKey", { id }),
    audit: (since) => auditInThread(paths, { since, now: Date.now() }),
    testDestination: async (name) =>
      testDestination(requireDestination(configuration, name), configuration, Date.now()),
    render: async (name, asked) => {
      const destination = requireDestination(configuration, name);
      return renderMessage(destination, asked, { configuration, ledger, now: Date.now });
    },
    async replayQuarantine(id, repaired) {
      const entry = await findReplayable(ledger, id, repaired);
      const { events } = await replayEntry(stream, configuration, {
        entry,
        repaired,
        now: Date.now(),
      });
      await running.call("resolveQuarantine", {
        position: entry.position,
        resolution: resolutionOf(events),
      });
      return countEvents({ events });
    },
  };
}

function requireDestination(configuration: Configuration, name: string) {
  const found = configuration.destinations.get(name);
  if (found) return found;
  throw fail("NOT_FOUND", {
    component: "api",
    message: `there is no destination "${name}"`,
    hint: `Destinations are ${[...configuration.destinations.keys()].join(", ")}.`,
  });
}
