/**
 * One try at ServiceNow.
 *
 * 1. Find the record by its correlation id, the alert's id; for an alert that was told of in a digest, by
 *    the reference of that.
 * 2. None: create it. There, created by this very message: an earlier try did.
 * 3. There from another message: one change adds the work note and sets the state, unless a note with
 *    this message's mark is there. The state is that of the record's own alert only.
 */
import { isGone, type Asked } from "../ask.ts";
import type { Destination, DestinationContext, Message } from "../destination.ts";
import { trying } from "../json-call.ts";
import {
  createClient,
  type ClientOptions,
  type Incident,
  type ServiceNowClient,
} from "./client.ts";
import type { IncidentDraft } from "./render.ts";
import { stateChange, type StateOptions } from "./state.ts";

export type SendOptions = ClientOptions & StateOptions;

/** Makes the function that sends a rendered draft. */
export function createSend(
  options: SendOptions,
  context: DestinationContext,
): Destination<IncidentDraft>["send"] {
  const connect = createClient(options, context);
  return (draft, message, sending) =>
    trying(async () => {
      const client = connect(sending);
      const found = await findIncident(client, draft, message);
      if (!found.ok) return found.verdict;
      const told = found.value
        ? await tellAgain(client, found.value, draft, message, options)
        : await client.create(draft.record);
      if (!told.ok) return told.verdict;
      return { kind: "delivered", status: told.status, reference: told.value.sys_id };
    });
}

async function findIncident(
  client: ServiceNowClient,
  { record }: IncidentDraft,
  { kind, memory }: Message,
): Promise<Asked<Incident | undefined>> {
  const own = await client.find(record["correlation_id"] ?? "");
  const isKnown = kind === "update" && memory !== null && /^[0-9a-f]{32}$/.test(memory);
  if (!own.ok || own.value || !isKnown) return own;
  const told = await client.get(memory);
  return isGone(told) ? own : told;
}

async function tellAgain(
  client: ServiceNowClient,
  incident: Incident,
  draft: IncidentDraft,
  message: Message,
  options: SendOptions,
): Promise<Asked<Incident>> {
  const done = { ok: true, value: incident, status: 200 } as const;
  const { correlation_id: id, correlation_display: display } = draft.record;
  if (incident.correlation_display === display) return done;
  const found = await client.hasNote(incident.sys_id, draft.mark);
  if (!found.ok) return found;
  if (found.value) return done;
  const isOwn = incident.correlation_id === id && message.kind === "update" && !message.digest;
  const state = isOwn ? stateChange(message.alert, incident.state, options) : {};
  return client.change(incident.sys_id, { work_notes: draft.note, ...state });
}
