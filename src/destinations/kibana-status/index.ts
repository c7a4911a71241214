/**
 * Writes the status of alerts back to Kibana. Not a kind that can be configured: it stands behind
 * the sources that ask for it.
 *
 * A try sets the status and then looks what Kibana has. So each of these comes to the right end:
 * the answer to an earlier try was lost (the status is there already), people changed the alert in
 * Kibana later (theirs stays), something else wrote the alert at the same moment (tried again), the
 * alert is not there (tried again, with a clear error, for as long as deliveries are). The last two
 * say nothing of other alerts, which go on.
 *
 * Kibana writes down the time of our own change by its own clock. Nobody must take that for a later
 * change of somebody else, so the status here bears the same time from then on.
 */
import type { Status } from "../../alert/schema.ts";
import type { AlertStatus, Kibana, WorkflowStatus } from "../../elastic/kibana/kibana.ts";
import type { Destination, DestinationDefinition, Message, Verdict } from "../destination.ts";
import { verdictOfFailure } from "../cluster-verdict.ts";

/** What holds for all of them, as in the definition of a destination. */
export const kibanaStatus = {
  kind: "kibana-status",
  summary: "Writes the status of alerts back to Kibana.",
  defaults: { concurrency: 4, statusUpdates: false },
} as const satisfies Partial<DestinationDefinition>;

export interface StatusChange {
  readonly space: string;
  /** Null when the alert has no id in Kibana. */
  readonly id: string | null;
  readonly status: WorkflowStatus;
  /** Epoch milliseconds; undefined when nobody knows when the status was set. */
  readonly unlessChangedAfter: number | undefined;
}

export interface StatusDestinationParts {
  readonly kibana: Kibana;
  /** Epoch milliseconds; the system's unless given. */
  readonly now?: () => number;
}

/** Makes the destination of one cluster. Closing it closes nothing: the client is not its own. */
export function createStatusDestination({
  kibana,
  now = Date.now,
}: StatusDestinationParts): Destination<StatusChange> {
  return {
    render: renderStatus,
    show: (change) => ({ type: "application/json", text: JSON.stringify(change) }),
    send: (change, _message, { signal }) =>
      send(kibana, change, signal).catch((error: unknown) => verdictOfFailure(error, now())),
    close: async () => {},
  };
}

const WORKFLOW_STATUSES: Readonly<Record<Status, WorkflowStatus>> = {
  new: "open",
  acknowledged: "acknowledged",
  closed: "closed",
};

/** The alert's status as it is now, and from when on a change in Kibana is newer. */
export function renderStatus({ alert }: Message): StatusChange {
  const { status_changed_at: changedAt } = alert;
  return {
    space: alert.source.space ?? "default",
    id: alert.external.id,
    status: WORKFLOW_STATUSES[alert.status],
    unlessChangedAfter: changedAt === null ? undefined : Date.parse(changedAt),
  };
}

async function send(kibana: Kibana, change: StatusChange, signal: AbortSignal): Promise<Verdict> {
  const { id, space, status, unlessChangedAfter } = change;
  if (id === null) return WITHOUT_ID;
  const updated = await kibana.setStatus({ space, ids: [id], status, unlessChangedAfter }, signal);
  const found = await kibana.readStatus(space, [id], signal);
  return judge(change, updated, found[0]);
}

const WITHOUT_ID: Verdict = {
  kind: "reject",
  reason: "render_failed",
  error: "the alert has no id in Kibana",
};

/** `found` is what Kibana has after `updated` alerts were changed, 0 or 1. */
function judge(change: StatusChange, updated: number, found: AlertStatus | undefined): Verdict {
  const { status, unlessChangedAfter = Number.POSITIVE_INFINITY } = change;
  if (found?.status === status) return { ...DELIVERED, remember: format(found.changedAt) };
  if (updated > 0) return DELIVERED;
  if (!found) return retry(`Kibana has no alert ${change.id} in the space ${change.space}`);
  if ((found.changedAt ?? 0) > unlessChangedAfter) return DELIVERED;
  return retry("Kibana did not change the alert; something else wrote it at the same moment");
}

const DELIVERED = { kind: "delivered", status: 200 } as const;

function retry(words: string): Verdict {
  const error = `${words} (HTTP 200, updated: 0)`;
  return { kind: "retry", reason: "unexpected_answer", status: 200, error, alone: true };
}

function format(time: number | null): string | undefined {
  return time === null ? undefined : new Date(time).toISOString();
}
