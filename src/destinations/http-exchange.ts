/** One request and its answer, with the secrets in it hidden from whoever reads about it later. */
import { messageOf } from "../errors.ts";
import type { Http, HttpAnswer, HttpRequest } from "../net/http.ts";
import { maskUrl, urlSecrets } from "../net/mask.ts";
import type { SendContext } from "./destination.ts";

const HIDDEN = "<secret>";
/** Shorter ones are hidden where they are whole header values; in a text they match by chance. */
const SHORTEST_IN_TEXT = 6;

/**
 * Sends a request, records it for `destination test` when asked to, and hides the secrets where
 * the peer repeats them. What may be a secret in the URL is hidden too, unless URLs are `public`: then
 * they hold ids, and answers with the same ids are read. Throws what `Http.request` throws.
 */
export async function exchange(
  http: Http,
  request: HttpRequest,
  secrets: readonly string[],
  context: SendContext,
  urls: "secret" | "public" = "secret",
): Promise<HttpAnswer> {
  const hide = createHider([...secrets, ...(urls === "secret" ? urlSecrets(request.url) : [])]);
  try {
    const answer = await http.request({ ...request, signal: context.signal });
    const masked = { ...answer, body: hide(answer.body) };
    context.record?.({ request: printRequest(request, hide), answer: printAnswer(masked) });
    return masked;
  } catch (error) {
    context.record?.({ request: printRequest(request, hide), answer: messageOf(error) });
    throw error;
  }
}

type Hide = (text: string) => string;

function createHider(secrets: readonly string[]): Hide {
  const whole = new Set(secrets);
  // The parts too: of `Bearer abc…` a peer may repeat only the token. Longest first.
  const parts = secrets
    .flatMap((secret) => [secret, ...secret.split(/\s+/)])
    // As a peer repeats it that answers in JSON.
    .flatMap((part) => [part, JSON.stringify(part).slice(1, -1)])
    .filter((part) => part.length >= SHORTEST_IN_TEXT)
    .toSorted((a, b) => b.length - a.length);
  return (text) =>
    whole.has(text)
      ? HIDDEN
      : parts.reduce((shown, part) => shown.replaceAll(part, () => HIDDEN), text);
}

function printRequest(request: HttpRequest, hide: Hide): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${hide(value)}`);
  const body = typeof request.body === "string" ? hide(request.body) : "";
  return [`${request.method} ${maskUrl(request.url)}`, ...headers, "", body].join("\n");
}

function printAnswer(answer: HttpAnswer): string {
  return `HTTP ${answer.status}\n\n${answer.body}`;
}
