/** Every kind of source. Adding one costs its folder and a line here. */
import { elasticActionsSource } from "./elastic-actions/index.ts";
import { elasticAlertsSource } from "./elastic-alerts/index.ts";
import { elasticSource } from "./elastic/index.ts";
import { genericSource } from "./generic/index.ts";
import { kibanaSource } from "./kibana/index.ts";
import { splunkSource } from "./splunk/index.ts";
import { supernaSource } from "./superna/index.ts";

export const sources = [
  kibanaSource,
  elasticSource,
  splunkSource,
  supernaSource,
  genericSource,
  elasticActionsSource,
  elasticAlertsSource,
] as const;
