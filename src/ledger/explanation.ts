/** Reads what an explanation is made from. */
import type { Silence } from "../silence/silence.ts";
import { findSilence } from "../store/sqlite/silences.ts";
import { getAlert, type AlertDetail } from "./alert.ts";
import { getEvent } from "./events.ts";
import type { Explained } from "./explain.ts";
import { readRoutes } from "./explain-routes.ts";
import type { LedgerFiles } from "./files.ts";

/** All about an event or alert that `explain` looks at. Throws NOT_FOUND. */
export function readExplained(files: LedgerFiles, name: string): Explained {
  const event = getEvent(files, name);
  const alert = event.alert === null ? null : getAlert(files, event.alert);
  return {
    event,
    alert,
    silences: alert ? silencesOf(files, alert) : [],
    routes: alert?.routing === "unrouted" ? readRoutes(files) : [],
  };
}

function silencesOf({ store }: LedgerFiles, { deliveries }: AlertDetail): Silence[] {
  const silenced = deliveries.filter(({ reason }) => reason === "silence");
  const ids = new Set(silenced.flatMap(({ cause }) => cause ?? []));
  return [...ids].flatMap((id) => findSilence(store, id) ?? []);
}
