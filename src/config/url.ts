/** Addresses of peers in the configuration. */
import { z } from "zod";

/** An http or https URL without user and password: those belong into headers or secrets. */
export function httpUrl() {
  return z.string().refine(isHttpUrl, {
    message: "not an http or https URL without user and password — write it like https://host/path",
  });
}

/** An http or https URL that paths are put behind: it has no query and no fragment either. */
export function baseUrl() {
  return z.string().refine((text) => isHttpUrl(text) && !/[?#]/.test(text), {
    message:
      "not an http or https URL without user, password and query — write it like https://host:9200",
  });
}

export function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

/** The URL of an HTTP proxy, with user and password where it wants them. */
export function proxyUrl() {
  return z.string().refine((text) => URL.canParse(text) && /^https?:\/\//.test(text), {
    message: "not a proxy URL — write it like http://proxy.lab:3128",
  });
}
