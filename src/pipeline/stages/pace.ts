/** Will be the stage that groups and throttles the planned deliveries; the configuration cannot ask for that yet, so it passes all on. */
import type { Stage } from "../flow.ts";

export const paceStage: Stage = { name: "pace", run: (flow) => flow };
