/**
 * Tags that people put on alerts (`kibana.alert.workflow_tags`); the rule's tags are others. Facts:
 * https://www.elastic.co/docs/api/doc/kibana/operation/operation-setalerttags
 */
import type { CallKibana } from "./call.ts";
import type { Kibana } from "./kibana.ts";

/** `Kibana.setTags`. Kibana refuses a tag that is to be added and removed. */
export function createSetTags(call: CallKibana): Kibana["setTags"] {
  return async ({ space, ids, add, remove }, signal) => {
    const tags = { tags_to_add: [...add], tags_to_remove: [...remove] };
    const path = "/api/detection_engine/signals/tags";
    const doing = "setting the tags of alerts";
    await call({ space, path, body: { ids: [...ids], tags }, doing, signal }, (said) => said);
  };
}
