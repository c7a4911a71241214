/** Keeps credentials out of what is printed about a request. */

const HIDDEN = "…";
/** Words of a path that cannot be a token: `services`, `api`, `v1`, `chat.postMessage`. */
const WORD = /^([a-z]{1,16}([._-][a-zA-Z]{1,16})?|v\d{1,2})$/;

/**
 * A URL as it may be printed: no user, query or fragment, and only such parts of the path as
 * cannot be a token (`https://hooks.slack.com/services/…/…/…`).
 */
export function maskUrl(url: string): string {
  if (!URL.canParse(url)) return HIDDEN;
  // `origin` says nothing of a scheme that is not the web's, such as `tcp`.
  const { protocol, host, pathname, search } = new URL(url);
  const path = pathname.split("/").map((part) => (isHarmless(part) ? part : HIDDEN));
  return `${protocol}//${host}${path.join("/")}${search ? `?${HIDDEN}` : ""}`;
}

/** The parts of a URL that `maskUrl` hides, to look for wherever a peer may repeat them. */
export function urlSecrets(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { pathname, searchParams } = new URL(url);
  return [...pathname.split("/").filter((part) => !isHarmless(part)), ...searchParams.values()];
}

function isHarmless(part: string): boolean {
  return part === "" || WORD.test(part);
}
