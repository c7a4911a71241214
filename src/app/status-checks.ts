/** Destinations that are to hear of status and cannot. Nothing is assumed of any value. */
import type { Finding } from "../config/problem.ts";
import { asMap, type PlainMap } from "./entry-checks.ts";

/** An update where a message cannot be changed would be one more message. */
export function checkStatusUpdates(
  root: PlainMap,
  canUpdate: (destination: PlainMap) => boolean,
): Finding[] {
  const destinations = Object.entries(asMap(root["destinations"]));
  return destinations
    .filter(([, entry]) => asMap(entry)["status_updates"] === true && !canUpdate(asMap(entry)))
    .map(([name]) => ({
      level: "error",
      path: ["destinations", name, "status_updates"],
      message: `destination \`${name}\` cannot change a message that it was sent`,
      hint: "remove it; the guide of its kind says what it takes to change messages",
    }));
}
