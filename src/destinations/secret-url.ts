/** URLs that are secrets themselves: whoever knows one may post to it. */
import { isHttpUrl } from "../config/url.ts";
import { secret } from "../config/values.ts";

/** A URL in the configuration that is never shown. */
export function secretUrl() {
  return secret().refine((value) => isHttpUrl(value.reveal()), {
    message:
      "not an http or https URL without user and password — look at the end of the secret's file",
  });
}

/** Shorter parts are in every text by chance: `v1`. */
const SHORTEST = 6;
/** No word is as long. */
const LONG = /[\w-]{16,}/g;

/**
 * The URL and what a peer may repeat of it as written: its path, the values of its query, and every long
 * run of characters that stay the same however the rest is encoded.
 */
export function secretsOfUrl(url: string): string[] {
  const { href, pathname, search } = new URL(url);
  const values = search
    .slice(1)
    .split("&")
    .map((pair) => pair.slice(pair.indexOf("=") + 1));
  const runs = [pathname, ...values].flatMap((text) => decode(text).match(LONG) ?? []);
  return [url, href, pathname + search, pathname, ...values, ...runs].filter(
    (part) => part.length >= SHORTEST,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
