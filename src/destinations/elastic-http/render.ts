/** One event, as one JSON object. */
import { boundJson } from "../bound.ts";
import type { Message } from "../destination.ts";
import { ecsDocument } from "../ecs.ts";
import { supernaFields } from "./superna.ts";

/** Bytes. The input has no limit of its own; one that is set cuts bodies in the middle. */
const LARGEST_EVENT = 1_000_000;

/** The event of a message in a format. Pure. */
export function renderEvent(message: Message, format: "ecs" | "superna"): string {
  const event = format === "ecs" ? ecsDocument(message) : supernaFields(message);
  return boundJson(event, LARGEST_EVENT);
}
