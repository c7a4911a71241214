/** Every kind of source. Adding one costs its folder and a line here. */
import { alertmanagerSource } from "./alertmanager/index.ts";
import { cloudeventsSource } from "./cloudevents/index.ts";
import { elastalertSource } from "./elastalert/index.ts";
import { elasticActionsSource } from "./elastic-actions/index.ts";
import { elasticAlertsSource } from "./elastic-alerts/index.ts";
import { elasticSource } from "./elastic/index.ts";
import { genericSource } from "./generic/index.ts";
import { grafanaSource } from "./grafana/index.ts";
import { kibanaSource } from "./kibana/index.ts";
import { sentinelSource } from "./sentinel/index.ts";
import { splunkSource } from "./splunk/index.ts";
import { supernaSource } from "./superna/index.ts";
import { wazuhSource } from "./wazuh/index.ts";

export const sources = [
  kibanaSource,
  elasticSource,
  splunkSource,
  supernaSource,
  genericSource,
  elasticActionsSource,
  elasticAlertsSource,
  sentinelSource,
  wazuhSource,
  alertmanagerSource,
  grafanaSource,
  elastalertSource,
  cloudeventsSource,
] as const;

/** Those that are sent to. They need no setting; what is read has to be told from where. */
export const sentTo = sources.filter((source) => !("open" in source));
