/** Where people read more of what a message tells of. */
import type { MessageLinks } from "../delivery/attempt.ts";
import type { Configuration } from "./configuration.ts";

/** The links of a configuration; null without `public_url`. */
export function createLinks({ public_url }: Pick<Configuration, "public_url">): MessageLinks {
  const under = (path: string) => (public_url === undefined ? null : `${public_url}/api/v1${path}`);
  return {
    alert: (id) => under(`/alerts/${id}`),
    case: (id) => under(`/cases/${id}`),
  };
}
