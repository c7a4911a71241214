/** Remembers when a route told of what, so that reminders and updates keep their distance. */
import type { StageContext } from "../flow.ts";
import type { Position } from "../entry.ts";
import type { CompiledRoute } from "../policies.ts";
import { cellKey, type CellName, type CellWrite, type StateReads } from "../state.ts";
import { groupKey } from "./group.ts";
import type { Told } from "./holds.ts";

/** What one destination is told at once. */
export interface SentMessage {
  readonly destination: string;
  readonly carrier: Told;
  /** The carrier's first. */
  readonly alerts: readonly Told[];
}

/** The cell of a route's reminders of an alert: its group's, else its own. */
export function remindCell(route: CompiledRoute, told: Told): CellName<"remind"> {
  const key = groupKey(route, told);
  return key === null ? ownRemindCell(route, told) : { stage: "remind", key };
}

/** Remembers when the alert itself was told of: its group is another one when its values change. */
function ownRemindCell(
  route: CompiledRoute,
  { position }: Pick<Told, "position">,
): CellName<"remind"> {
  return { stage: "remind", key: cellKey(route.name, "alert", String(position)) };
}

/** The cell of one message's updates: that of a route, at a destination, carried by an alert. */
export function updateCell(
  route: CompiledRoute,
  carrier: Position,
  destination: string,
): CellName<"update"> {
  return { stage: "update", key: cellKey(route.name, String(carrier), destination) };
}

/** The cells that say when an alert was told of by a route that reminds: its group's, and its own. */
export function remindCells(route: CompiledRoute, told: Told): CellName<"remind">[] {
  return [remindCell(route, told), ownRemindCell(route, told)];
}

/** What `noteSent` looks at when this alert is told of at a destination. */
export function needsOfSent(route: CompiledRoute, told: Told, destination: string): StateReads {
  if (route.repeats === "remind") return { cells: remindCells(route, told) };
  if (route.repeats === "none") return {};
  return { cells: [updateCell(route, told.position, destination)] };
}

/** Cells of what a route tells now; timers that are set in them stay. */
export function noteSent(
  route: CompiledRoute,
  messages: readonly SentMessage[],
  context: StageContext,
): CellWrite[] {
  if (route.repeats === "none") return [];
  if (route.repeats === "update") {
    return messages.map(({ carrier, destination }) => {
      const name = updateCell(route, carrier.position, destination);
      return { cell: { ...name, ...spoken(name, carrier.position, context) } };
    });
  }
  const told = new Map<string, Told>();
  for (const alert of messages.flatMap(({ alerts }) => alerts)) {
    for (const { key } of remindCells(route, alert)) told.set(key, alert);
  }
  return [...told].map(([key, { position }]) => {
    const name = { stage: "remind", key } as const;
    return { cell: { ...name, ...spoken(name, position, context) } };
  });
}

function spoken(name: CellName<"remind" | "update">, alert: Position, context: StageContext) {
  const { now, state } = context;
  const due_at = state.cell(name.stage, name.key)?.due_at ?? null;
  return { value: { sent_at: now }, alert, due_at, at: now };
}
