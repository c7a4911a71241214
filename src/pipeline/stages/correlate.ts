/** Will be the stage that joins the alert to a case and counts it towards thresholds; the configuration cannot ask for that yet, so it passes all on. */
import type { Stage } from "../flow.ts";

export const correlateStage: Stage = { name: "correlate", run: (flow) => flow };
