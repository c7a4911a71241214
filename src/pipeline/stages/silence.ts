/** Will be the stage that holds the alert back while a silence matches it; the configuration cannot ask for that yet, so it passes all on. */
import type { Stage } from "../flow.ts";

export const silenceStage: Stage = { name: "silence", run: (flow) => flow };
