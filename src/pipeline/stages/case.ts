/**
 * Which case does the alert belong to? The first policy that fits says what alerts of one case have
 * in common: values of fields, or one artifact. For each such key a cell remembers the newest case.
 *
 * An alert joins the newest of these cases that still takes alerts:
 * - it is open (for a case that was merged stands the one that took its alerts over),
 * - the alert happened within the policy's window of the case's first or last alert,
 * - the case has fewer than `max_alerts`.
 *
 * When the newest does not, the cases before it are tried, each named by the one behind it. Otherwise
 * the alert opens a case. One that comes closed opens no work and gets no case.
 *
 * An alert stays in its case: what repeats or updates it widens the case's times, and raises the
 * case's severity when the alert's own rises. A severity that somebody lowered stays until then. A
 * case that is resolved or closed is left as it is.
 */
import type { Alert } from "../../alert/schema.ts";
import { severityId } from "../../alert/severity.ts";
import { isOpen, type Case, type CaseWrite } from "../../case/case.ts";
import { extendCase, joinCase } from "../../case/operations/join.ts";
import type { CaseMember } from "../../case/operations/member.ts";
import { openCase } from "../../case/operations/open.ts";
import { changed, isAlive, placeOf, traced, type Flow, type Stage } from "../flow.ts";
import type { StageContext } from "../flow.ts";
import { alertRecord } from "../record.ts";
import type { CellName, CellWrite, StateReads, StateView } from "../state.ts";
import { happenedAt } from "../time.ts";
import { CaseFinder, type Candidate, type Claim } from "./case-candidates.ts";
import { caseKeys, textOfKeys } from "./case-keys.ts";
import { OPERATOR_KIND } from "./route.ts";

/** Who the timeline names for what policies do. */
const WHO = "tocsin";

const LAST: CellName<"case_number"> = { stage: "case_number", key: "" };

type LiveFlow = Flow & { readonly alert: Alert; readonly event: Alert };

export const caseStage: Stage = {
  name: "case",
  needs(flow, context) {
    if (!isConcerned(flow)) return {};
    if (flow.alert.case_id !== null) return needsOfMember(flow, flow.alert.case_id, context);
    const claim = claimOf(flow, context);
    return claim ? needsOfClaim(claim, context) : {};
  },
  run(flow, context) {
    if (!isConcerned(flow)) return flow;
    if (flow.alert.case_id !== null) return keepInCase(flow, flow.alert.case_id, context);
    const claim = claimOf(flow, context);
    if (!claim) return withoutPolicy(flow, context);
    if (claim.keys.length > 0) return putIntoCase(flow, claim, context);
    return traced(flow, "case", "none", "no_values", { policy: claim.policy.name });
  },
};

function isConcerned(flow: Flow): flow is LiveFlow {
  return isAlive(flow) && flow.alert.source.kind !== OPERATOR_KIND;
}

function claimOf(flow: LiveFlow, { configuration, now }: StageContext): Claim | undefined {
  if (flow.alert.status === "closed") return undefined;
  const record = alertRecord(flow.alert, flow.document ?? {});
  const policy = configuration.cases.first(record, now);
  if (!policy) return undefined;
  const keys = caseKeys(policy, flow.alert, record, configuration);
  return { policy, keys, at: happenedAt(flow.event) };
}

function withoutPolicy(flow: LiveFlow, { configuration }: StageContext): Flow {
  if (configuration.cases.values.length === 0) return flow;
  const reason = flow.alert.status === "closed" ? "alert_closed" : "no_policy_matched";
  return traced(flow, "case", "none", reason);
}

function needsOfClaim(claim: Claim, { state }: StageContext): StateReads {
  if (claim.keys.length === 0) return {};
  const finder = new CaseFinder(state);
  finder.candidates(claim);
  return {
    cells: [LAST, ...claim.keys.map(({ cell }): CellName => ({ stage: "case", key: cell }))],
    cases: [...finder.asked],
  };
}

function needsOfMember(flow: LiveFlow, id: string, { state }: StageContext): StateReads {
  const finder = new CaseFinder(state);
  finder.present(id);
  return { alerts: [placeOf(flow)], cases: [...finder.asked] };
}

function putIntoCase(flow: LiveFlow, claim: Claim, context: StageContext): Flow {
  const candidates = new CaseFinder(context.state).candidates(claim);
  const chosen = candidates.find(({ refusal }) => refusal === null);
  const member = memberOf(flow, flow.alert.severity);
  const write = chosen
    ? joinCase(chosen.known, member, WHO, context.now)
    : openByPolicy(flow, claim, member, candidates[0], context);
  const last = chosen ? [] : [lastNumber(write.case.number, context.now)];
  const newest = newestCells(flow, claim, write.case, candidates, context.now);
  const next = { ...flow, alert: { ...flow.alert, case_id: write.case.id } };
  const after = changed(next, { cases: [write], cells: [...last, ...newest] });
  return explained(after, claim, write.case, candidates);
}

/** The flow's alert as a member of its case, from when this event and the alert itself happened. */
function memberOf({ alert, event }: LiveFlow, severity: CaseMember["severity"]): CaseMember {
  const times = [happenedAt(alert), happenedAt(event)];
  return { number: alert.number, severity, first: Math.min(...times), last: Math.max(...times) };
}

function openByPolicy(
  { alert }: LiveFlow,
  { policy, keys }: Claim,
  member: CaseMember,
  newest: Candidate | undefined,
  { state, now }: StageContext,
): CaseWrite {
  const key = textOfKeys(keys);
  const opening = {
    number: (state.cell("case_number", LAST.key)?.value.last ?? 0) + 1,
    title: policy.title({ alert, key }) || alert.title,
    owner: policy.assignee,
    tags: policy.tags,
    policy: policy.name,
    key,
    follows: newest?.known.id ?? null,
  };
  return openCase(opening, [member], WHO, now);
}

function lastNumber(last: number, at: number): CellWrite {
  return { cell: { ...LAST, value: { last }, alert: null, due_at: null, at } };
}

/**
 * The cells that name the case from now on: all but those of keys that have a newer open one, which
 * it does not displace. A cell is kept as long as the alert that joined last.
 */
function newestCells(
  flow: LiveFlow,
  { keys }: Claim,
  { number }: Case,
  candidates: readonly Candidate[],
  at: number,
): CellWrite[] {
  const newer = candidates.filter(({ known }) => known.number > number && isOpen(known));
  const alert = placeOf(flow);
  return keys
    .filter((key) => !newer.some((candidate) => candidate.keys.includes(key)))
    .map(({ cell: key }) => ({
      cell: { stage: "case", key, value: { case: number }, alert, due_at: null, at },
    }));
}

function explained(
  flow: Flow,
  { policy, keys, at }: Claim,
  { id }: Case,
  candidates: readonly Candidate[],
): Flow {
  const chosen = candidates.find(({ refusal }) => refusal === null);
  const compared = chosen ?? candidates[0];
  const reason = chosen ? "open_case" : (compared?.refusal ?? "first_of_key");
  return traced(flow, "case", chosen ? "joined" : "opened", reason, {
    policy: policy.name,
    case: id,
    key: textOfKeys(chosen?.keys ?? keys),
    window: policy.window,
    max_alerts: policy.max_alerts,
    happened_at: new Date(at).toISOString(),
    compared: compared ? comparedValues(compared.known) : null,
  });
}

function comparedValues(known: Case): Record<string, unknown> {
  const { id, status, first_alert_at, last_alert_at, alert_count } = known;
  return { case: id, status, first_alert_at, last_alert_at, alert_count };
}

function keepInCase(flow: LiveFlow, id: string, { state, now }: StageContext): Flow {
  const known = new CaseFinder(state).present(id);
  if (!known) return flow;
  const values = { case: known.id, status: known.status, severity: known.severity };
  if (!isOpen(known)) return traced(flow, "case", "kept", "case_closed", values);
  const write = extendCase(known, memberOf(flow, raisedSeverity(flow, state)), WHO, now);
  const next = { ...flow, alert: { ...flow.alert, case_id: known.id } };
  if (!write) return traced(next, "case", "kept", "in_case", values);
  const after = { ...values, severity_after: write.case.severity };
  return traced(changed(next, { cases: [write] }), "case", "kept", "in_case", after);
}

/** The alert's severity when this event raised it; else the one that raises nothing. */
function raisedSeverity({ alert, entry, outcome }: LiveFlow, state: StateView): Alert["severity"] {
  const before = state.alert(placeOf({ entry, outcome }))?.alert.severity ?? "unknown";
  return severityId(alert.severity) > severityId(before) ? alert.severity : "unknown";
}
