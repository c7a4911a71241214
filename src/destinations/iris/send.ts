/**
 * One try at IRIS.
 *
 * 1. Find the alert by its source reference, which is Tocsin's id of the alert.
 * 2. None: add it. There: bring it up to date, which does no harm when done twice.
 * 3. With `case: merge`, put it into the case of IRIS in which the other alerts of its case are; the first
 *    one is escalated, which makes the case.
 */
import type { Asked } from "../ask.ts";
import type { Destination, DestinationContext, Message, Verdict } from "../destination.ts";
import { trying } from "../json-call.ts";
import { createClient, type ClientOptions, type IrisAlert, type IrisClient } from "./client.ts";
import { hasTag, joinCase } from "./join-case.ts";
import { createIds, type Ids } from "./ids.ts";
import type { IrisDraft } from "./render.ts";
import { statusNow } from "./status.ts";

export interface SendOptions extends ClientOptions {
  readonly case: "none" | "merge";
}

/** Makes the function that sends a rendered draft. */
export function createSend(
  options: SendOptions,
  context: DestinationContext,
): Destination<IrisDraft>["send"] {
  const connect = createClient(options, context);
  const lookUp = createIds();
  return (draft, message, sending) =>
    trying(async () => {
      const client = connect(sending);
      const ids = await lookUp(client);
      if (!ids.ok) return ids.verdict;
      const found = await findAlert(client, draft);
      if (!found.ok) return found.verdict;
      const told = found.value
        ? await update(client, found.value, draft, message, ids.value)
        : await add(client, draft, message, ids.value);
      if (!told.ok) return told.verdict;
      const joined = await putIntoCase(client, draft, message, options);
      return joined ?? { kind: "delivered", status: told.status };
    });
}

async function findAlert(
  client: IrisClient,
  { alert }: IrisDraft,
): Promise<Asked<IrisAlert | undefined>> {
  const { alert_source_ref: ref, alert_customer_id: customer } = alert;
  const found = await client.filter({ source_reference: ref });
  if (!found.ok) return found;
  const own = found.value.find((each) => {
    return each.alert_source_ref === ref && each.alert_customer_id === customer;
  });
  const isFiltered = found.value.every(({ alert_source_ref }) => alert_source_ref?.includes(ref));
  return own || isFiltered ? { ...found, value: own } : { ok: false, verdict: TOO_OLD };
}

/** One that finds everything finds nothing: each try would add the alert once more. */
const TOO_OLD: Verdict = {
  kind: "reject",
  reason: "rejected_by_peer",
  error: "IRIS does not look for source references — it has to be 2.4.17 or newer",
};

async function add(
  client: IrisClient,
  draft: IrisDraft,
  message: Message,
  ids: Ids,
): Promise<Asked<null>> {
  const { status, resolution } = statusNow(message, undefined, ids);
  const alert = {
    ...draft.alert,
    alert_severity_id: ids.severity(draft.severity),
    alert_status_id: status ?? ids.status("New"),
    ...(resolution === undefined ? {} : { alert_resolution_status_id: resolution }),
  };
  const iocs = draft.iocs.flatMap(({ type, value, tags }) => {
    const id = ids.ioc(type) ?? ids.ioc("other");
    return id === undefined ? [] : [{ ioc_value: value, ioc_type_id: id, ioc_tags: tags }];
  });
  if (iocs.length === 0) return client.add(alert);
  const added = await client.add({ ...alert, alert_iocs: iocs });
  if (added.ok || !isRefused(added.verdict)) return added;
  // One IOC that IRIS does not like refuses the whole alert; the description names them all.
  const tags = `${draft.alert.alert_tags},iocs-refused`;
  return client.add({ ...alert, alert_tags: tags });
}

function isRefused(verdict: Verdict): boolean {
  return verdict.kind === "reject" && verdict.status === 400;
}

function update(
  client: IrisClient,
  kept: IrisAlert,
  draft: IrisDraft,
  message: Message,
  ids: Ids,
): Promise<Asked<null>> {
  const { alert_id, alert_owner_id, alert_status_id } = kept;
  const { status, resolution } = statusNow(message, alert_status_id, ids);
  const { alert_title, alert_description } = draft.alert;
  return client.update(alert_id, {
    alert_title,
    alert_description,
    alert_severity_id: ids.severity(draft.severity),
    ...(status === undefined ? {} : { alert_status_id: status }),
    ...(resolution === undefined ? {} : { alert_resolution_status_id: resolution }),
    // Whoever updates an alert without an owner becomes its owner, unless they say it has none.
    ...(alert_owner_id === null ? { alert_owner_id: "-1" } : {}),
    ...tagOfCase(kept, message),
  });
}

/** One that came into its case later bears its tag too, by which the others find it. */
function tagOfCase(kept: IrisAlert, { case: inCase }: Message): { alert_tags?: string } {
  if (!inCase || hasTag(kept, inCase.id)) return {};
  return { alert_tags: [kept.alert_tags, inCase.id].filter(Boolean).join(",") };
}

async function putIntoCase(
  client: IrisClient,
  draft: IrisDraft,
  message: Message,
  options: SendOptions,
): Promise<Verdict | undefined> {
  if (options.case === "none" || !message.case) return undefined;
  const found = await findAlert(client, draft);
  if (!found.ok) return found.verdict;
  if (!found.value) return undefined;
  return joinCase(client, found.value, message.case);
}
