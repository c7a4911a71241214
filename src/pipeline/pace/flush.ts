/** A timer has come: what waited for it is sent on its way, several for one destination as a digest. */
import { NO_CHANGES, type Changes, type StageContext } from "../flow.ts";
import type { DeliveryKind, DeliveryMove, DeliveryReason } from "../outcome.ts";
import type { CompiledRoute } from "../policies.ts";
import { holdOf, type CellWrite, type DueCell } from "../state.ts";
import { wayOut } from "./dispatch.ts";
import { afterTimer, OUT, type Told, type Wait } from "./holds.ts";
import { noteSent, type SentMessage } from "./sent.ts";
import { sift, type Kept } from "./sift.ts";

/** Why several come together, and what is behind it: null for their route. */
export interface DigestCause {
  readonly reason: DeliveryReason;
  readonly cause: string | null;
}

/** One at least, in the order of their ids. */
type Several<Item> = readonly [Item, ...Item[]];

interface SentOn {
  readonly moves: readonly DeliveryMove[];
  readonly cells: readonly CellWrite[];
}

/**
 * Sends on what waits for a cell; `settled` is the cell as it is from then on. Each route's share is
 * one message. Needs `needsOfFlush`; takes time linear in the deliveries.
 */
export function flush(
  due: DueCell,
  digest: DigestCause,
  settled: CellWrite,
  context: StageContext,
): Changes {
  const after = afterTimer(due, context);
  const { kept, moves, cells } = sift(context.state.held(holdOf(due)), after);
  const shares = groupBy(kept, ({ delivery }) => delivery.route);
  const sent = [...shares].map(([name, share]) => sendOn(name, share, digest, after));
  return {
    ...NO_CHANGES,
    // Later writes win: whoever begins to wait for this cell again sets its timer again.
    cells: [settled, ...cells, ...sent.flatMap((part) => part.cells)],
    moves: [...moves, ...sent.flatMap((part) => part.moves)],
  };
}

/** A route that is not configured any more has neither hours nor limits. */
function sendOn(
  name: string,
  share: readonly Kept[],
  digest: DigestCause,
  context: StageContext,
): SentOn {
  const route = context.configuration.route(name);
  const { wait, cells } = route ? wayOut(route, alertsOf(share), context) : OUT;
  if (wait) return { moves: share.map((kept) => heldBack(kept, wait)), cells };
  const messages = [...groupBy(share, ({ delivery }) => delivery.destination).values()];
  return {
    moves: messages.flatMap((message) => tell(message, digest.reason, digest.cause ?? name)),
    cells: [...cells, ...notesOf(route, messages, context)],
  };
}

function heldBack({ delivery: { id } }: Kept, { reason, hold }: Wait): DeliveryMove {
  return { id, to: "hold", reason, hold, cause: null };
}

/** One carries the message, the others are folded into it. Alone it goes as what it is. */
function tell(
  message: Several<Kept>,
  reason: DeliveryReason,
  cause: string,
): readonly DeliveryMove[] {
  const { delivery } = carrierOf(message);
  const into = delivery.id;
  if (message.length === 1) {
    return [{ id: into, to: "send", reason: reasonAlone(delivery.kind), cause: null }];
  }
  const others = message.filter(({ delivery: { id } }) => id !== into);
  return [
    { id: into, to: "send", reason, cause },
    ...others.map(({ delivery: { id } }) => {
      return { id, to: "fold", into, reason: "in_digest" } as const;
    }),
  ];
}

/** The oldest; where some are told of for the first time, the oldest of these. */
function carrierOf(message: Several<Kept>): Kept {
  return message.find(({ delivery: { kind } }) => kind === "alert") ?? message[0];
}

function reasonAlone(kind: DeliveryKind): DeliveryReason {
  if (kind === "update") return "update_of_message";
  return kind === "reminder" ? "reminder_due" : "first_notification";
}

function notesOf(
  route: CompiledRoute | undefined,
  messages: readonly Several<Kept>[],
  context: StageContext,
): CellWrite[] {
  return route ? noteSent(route, messages.map(sentMessage), context) : [];
}

function sentMessage(message: Several<Kept>): SentMessage {
  const { delivery, told } = carrierOf(message);
  return { destination: delivery.destination, carrier: told, alerts: alertsOf(message) };
}

/** Each once, in the order of their deliveries. */
function alertsOf(share: readonly Kept[]): Told[] {
  return [...new Map(share.map(({ told }) => [told.position, told])).values()];
}

function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Map<string, Several<Item>> {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
