/**
 * A workflow of Microsoft Teams, "Post to a channel when a webhook request is received": it takes a
 * message with Adaptive Cards and answers 202 without a body. It is stricter than the real one, which
 * takes anything and fails afterwards where no sender sees it: what the card schema or the size forbids
 * is refused here at once.
 *
 * https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 * https://github.com/microsoft/AdaptiveCards/blob/main/schemas/1.6.0/adaptive-card.json
 * Size: https://learn.microsoft.com/en-us/connectors/teams/
 */
import { hasOnly, isList, isObject, isText, isUrl, parseObject, type Json } from "./json.ts";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

export interface FakeTeams extends FaultyPeer {
  readonly webhookUrl: string;
  /** The messages that stand in the channel, oldest first. */
  readonly posts: Json[];
}

const SIGNATURE = "kJ8s2mT0pXb-4Qw7Zr_1VnYc3LdGh6Fa";
const PATH = `/workflows/5e1f8c0d9b2a4f37/triggers/manual/paths/invoke`;
const QUERY = `?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${SIGNATURE}`;
const MAX_BYTES = 28_000;

/** What of the URL nobody may see. */
export const TEAMS_SIGNATURE = SIGNATURE;

/** Starts a fake workflow. Close it after the test. */
export async function startTeams(tls?: PeerTls): Promise<FakeTeams> {
  const posts: Json[] = [];
  const peer = await startFaultyPeer((received, response) => {
    const [status, code, message] = check(received) ?? [202, "", ""];
    if (status === 202) {
      posts.push(parseObject(received.body) ?? {});
      return void response.writeHead(202).end();
    }
    const error = JSON.stringify({ error: { code, message } });
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(error);
  }, tls);
  return { ...peer, posts, webhookUrl: `${peer.url}${PATH}${QUERY}` };
}

/** For the guide: a workflow, and what its page calls its URL. */
export async function startForDocs() {
  const fake = await startTeams();
  const env: Record<string, string> = { TEAMS_WEBHOOK: fake.webhookUrl };
  return { url: fake.webhookUrl, env, close: () => fake.close() };
}

type Refusal = readonly [status: number, code: string, message: string];

function check(received: Received): Refusal | undefined {
  const [path, query] = received.path.split("?");
  if (path !== PATH) return [404, "WorkflowNotFound", "The workflow could not be found."];
  if (received.method !== "POST") return [405, "MethodNotAllowed", "Use POST."];
  if (new URLSearchParams(query).get("sig") !== SIGNATURE)
    return [401, "AuthorizationFailed", "The provided signature is not valid."];
  if (Buffer.byteLength(received.body) > MAX_BYTES)
    return [413, "RequestEntityTooLarge", "Request Entity too large"];
  if (!/^application\/json; ?charset=utf-8$/.test(received.headers["content-type"] ?? ""))
    return [415, "UnsupportedMediaType", "Not JSON."];
  const message = parseObject(received.body);
  if (message && isMessage(message)) return undefined;
  return [400, "InvalidTemplate", "The specified Teams flowbot adaptive card request is invalid."];
}

function isMessage(message: Json): boolean {
  return (
    hasOnly(message, ["type", "attachments"]) &&
    message["type"] === "message" &&
    isList(message["attachments"], 1, isAttachment)
  );
}

function isAttachment(value: unknown): value is Json {
  return (
    isObject(value) &&
    value["contentType"] === "application/vnd.microsoft.card.adaptive" &&
    value["contentUrl"] === null &&
    isObject(value["content"]) &&
    isCard(value["content"])
  );
}

const CARD = ["$schema", "type", "version", "fallbackText", "body", "actions", "msteams"];

function isCard(card: Json): boolean {
  return (
    hasOnly(card, CARD) &&
    card["type"] === "AdaptiveCard" &&
    /^1\.[2-5]$/.test(String(card["version"])) &&
    isList(card["body"], 1000, isElement) &&
    (card["actions"] === undefined || isList(card["actions"], 6, isAction))
  );
}

function isElement(value: unknown): value is Json {
  if (!isObject(value)) return false;
  const styles = ["default", "emphasis", "good", "attention", "warning", "accent"];
  if (value["type"] === "Container")
    return styles.includes(String(value["style"])) && isList(value["items"], 10, isElement);
  if (value["type"] === "TextBlock")
    return hasOnly(value, ["type", "text", "wrap", "weight", "size"]) && isText(value["text"]);
  return (
    value["type"] === "RichTextBlock" &&
    hasOnly(value, ["type", "inlines", "spacing"]) &&
    isList(value["inlines"], 1000, isRun)
  );
}

const RUN = ["type", "text", "weight", "size", "fontType", "isSubtle"];

function isRun(value: unknown): value is Json {
  return (
    isObject(value) && value["type"] === "TextRun" && hasOnly(value, RUN) && isText(value["text"])
  );
}

function isAction(value: unknown): value is Json {
  return (
    isObject(value) &&
    hasOnly(value, ["type", "title", "url"]) &&
    value["type"] === "Action.OpenUrl" &&
    isText(value["title"]) &&
    isUrl(value["url"])
  );
}
