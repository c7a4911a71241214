/** What a cluster is told about who asks. */
import type { ClusterSettings } from "./settings.ts";

/**
 * The value of the header `Authorization`; undefined where the settings have no credentials. An
 * API key goes as base64 of `id:key`
 * (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-create-api-key);
 * base64 has no colon, which tells the two forms apart.
 */
export function authorizationOf(settings: ClusterSettings): string | undefined {
  const { api_key, username, password, bearer } = settings;
  if (api_key) return `ApiKey ${encodeKey(api_key.reveal())}`;
  if (bearer) return `Bearer ${bearer.reveal()}`;
  if (!password) return undefined;
  return `Basic ${toBase64(`${username}:${password.reveal()}`)}`;
}

/** What takes the secrets of the settings out of a text that a peer said. */
export function secretHider(settings: ClusterSettings): (text: string) => string {
  const secrets = secretsOf(settings);
  return (text) => secrets.reduce((shown, each) => shown.replaceAll(each, "<secret>"), text);
}

/** Every text that must not be repeated, in each form in which a peer has seen it; longest first. */
function secretsOf(settings: ClusterSettings): string[] {
  const { api_key, password, bearer } = settings;
  const plain = [api_key, password, bearer].flatMap((each) => each?.reveal() ?? []);
  const parts = api_key?.reveal().split(":") ?? [];
  const sent = authorizationOf(settings)?.split(" ")[1] ?? "";
  return [...new Set([...plain, ...parts, sent])]
    .filter((each) => each !== "")
    .toSorted((a, b) => b.length - a.length);
}

function encodeKey(key: string): string {
  return key.includes(":") ? toBase64(key) : key;
}

function toBase64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
