/** The last part of every message's way: hours, then limit, then out. */
import type { StageContext } from "../flow.ts";
import type { CompiledRoute } from "../policies.ts";
import type { StateReads } from "../state.ts";
import type { Told, Way } from "./holds.ts";
import { hoursCell, hoursWay } from "./hours.ts";
import { limitCell, limitWay } from "./limit.ts";

/** What `wayOut` of a message that begins with this alert looks at. */
export function needsOfWayOut(route: CompiledRoute, first: Told): StateReads {
  return {
    cells: [
      ...(route.hours ? [hoursCell(route)] : []),
      ...(route.limit ? [limitCell(route, first)] : []),
    ],
  };
}

/** Where a message about these alerts goes, one at least; its destinations share a token. */
export function wayOut(route: CompiledRoute, alerts: readonly Told[], context: StageContext): Way {
  return hoursWay(route, context) ?? limitWay(route, alerts, context);
}
