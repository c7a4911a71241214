/** Will be the stage that handles the alert with the user's module for its stream; the configuration cannot ask for that yet, so it passes all on. */
import type { Stage } from "../flow.ts";

export const moduleStage: Stage = { name: "module", run: (flow) => flow };
