/**
 * One try at Jira. An issue belongs to an alert, to a digest, or to a case when `case: issue` says so.
 *
 * 1. Find it: by the reference of an earlier message, which Jira knows at once, else by label, which its
 *    search may know some seconds late.
 * 2. None: create it. There, with the label of this very message: an earlier try created it.
 * 3. There from another message: add a comment, unless one with this message's mark is there.
 * 4. An update moves it to where the alert's status wants it. Only the issue's own alert or case does,
 *    so that a digest's issue is not closed with one of its alerts.
 */
import type {
  CaseBrief,
  Destination,
  DestinationContext,
  Message,
  Verdict,
} from "../destination.ts";
import { trying } from "../json-call.ts";
import { isGone, type Asked } from "../ask.ts";
import { createClient, type ClientOptions, type Issue, type JiraClient } from "./client.ts";
import type { JiraDraft } from "./render.ts";
import { moveIssue, type Transitions } from "./move.ts";

export interface SendOptions extends ClientOptions {
  readonly project: string;
  readonly case: "alert" | "issue";
  readonly transitions: Transitions;
}

type Status = "new" | "acknowledged" | "closed";

/** Makes the function that sends a rendered draft. */
export function createSend(
  options: SendOptions,
  context: DestinationContext,
): Destination<JiraDraft>["send"] {
  const connect = createClient(options, context);
  return (draft, message, sending) =>
    trying(async () => {
      const client = connect(sending);
      const found = await findIssue(client, draft, message, options);
      if (!found.ok) return found.verdict;
      const issue = found.value;
      const told = issue
        ? await tellAgain(client, issue, draft)
        : await client.create(draft.fields);
      if (!told.ok) return told.verdict;
      const key = issue?.key ?? (told.value as { readonly key: string }).key;
      const moved = await follow(client, issue, draft, message, options);
      return moved ?? delivered(told.status, key, message);
    });
}

function delivered(status: number, key: string, { thread }: Message): Verdict {
  return {
    kind: "delivered",
    status,
    reference: key,
    ...(thread === null ? {} : { remember: key }),
  };
}

async function findIssue(
  client: JiraClient,
  { labels }: JiraDraft,
  message: Message,
  options: SendOptions,
): Promise<Asked<Issue | undefined>> {
  const known = referenceOf(message, options);
  if (known !== undefined) {
    const issue = await client.get(known);
    // It may have been deleted, or moved to where the account sees nothing.
    if (!isGone(issue)) return issue;
  }
  const wanted = [labels.case, labels.alert, labels.message].filter((each) => each !== undefined);
  return client.find(options.project, wanted);
}

/** Of an update the memory names its issue; of others, that of the thread, which is a case's only here. */
function referenceOf(message: Message, options: SendOptions): string | undefined {
  const { kind, memory } = message;
  const isOfCase = options.case === "issue" && message.case !== null;
  if (memory === null || (kind !== "update" && !isOfCase)) return undefined;
  return /^[A-Z][A-Z0-9_]+-\d+$/.test(memory) ? memory : undefined;
}

type Told = Asked<unknown>;

async function tellAgain(client: JiraClient, issue: Issue, draft: JiraDraft): Promise<Told> {
  const done = { ok: true, value: null, status: 200 } as const;
  if (issue.fields.labels.includes(draft.labels.message)) return done;
  const found = await client.hasComment(issue.key, draft.mark);
  if (!found.ok) return found;
  return found.value ? done : client.comment(issue.key, draft.comment);
}

/** A verdict only when the issue had to move and did not. */
async function follow(
  client: JiraClient,
  issue: Issue | undefined,
  { labels }: JiraDraft,
  message: Message,
  { transitions }: SendOptions,
): Promise<Verdict | undefined> {
  if (!issue || message.kind !== "update") return undefined;
  const has = (label: string | undefined) =>
    label !== undefined && issue.fields.labels.includes(label);
  if (has(labels.case) && message.case)
    return moveIssue(client, issue, statusOfCase(message.case), transitions);
  return has(labels.alert)
    ? moveIssue(client, issue, message.alert.status, transitions)
    : undefined;
}

function statusOfCase({ status }: CaseBrief): Status {
  if (status === "closed" || status === "resolved") return "closed";
  return status === "new" ? "new" : "acknowledged";
}
