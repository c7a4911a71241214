/**
 * The document of a message, and the id under which the cluster recognises it.
 *
 * The first message about an alert has the alert's key as its id, so that the same alert is one document
 * even where two programs send it. In an index an update replaces that document. In a data stream nothing
 * can be replaced: there an update is a document of its own, with the same `event.id`. Updates there,
 * reminders and digests have the message's key as their id.
 */
import { createHash } from "node:crypto";
import { boundJson } from "../bound.ts";
import type { Message, Shown } from "../destination.ts";
import { ecsDocument } from "../ecs.ts";
import type { Target } from "./target.ts";

export interface AlertOperation {
  readonly kind: "create" | "index";
  readonly id: string;
  /** The document as JSON, in one line. */
  readonly document: string;
}

/** Clusters refuse a longer one. */
const LONGEST_ID = 512;
/** Bytes of a document; what is longer is cut. A request holds several. */
const LARGEST_DOCUMENT = 1_000_000;

/** Makes the function that renders messages for a target. */
export function createRender(target: Target): (message: Message) => AlertOperation {
  const data_stream = target.isStream ? dataStreamFields(target.name) : undefined;
  return (message) => {
    const document = { ...ecsDocument(message), data_stream };
    return {
      kind: replaces(message, target) ? "index" : "create",
      id: idOf(message, target),
      document: boundJson(document, LARGEST_DOCUMENT),
    };
  };
}

/** The two lines of `_bulk`. */
export function showOperation({ name }: Target, { kind, id, document }: AlertOperation): Shown {
  const action = JSON.stringify({ [kind]: { _index: name, _id: id } });
  return { type: "application/x-ndjson", text: `${action}\n${document}` };
}

function replaces({ kind }: Message, { isStream }: Target): boolean {
  return kind === "update" && !isStream;
}

function idOf(message: Message, target: Target): string {
  const { kind, alert, digest, key, memory } = message;
  const own = boundId(digest ? key : alert.key);
  if (replaces(message, target)) return memory ?? own;
  return kind === "alert" ? own : boundId(key);
}

function boundId(id: string): string {
  if (Buffer.byteLength(id) <= LONGEST_ID) return id;
  return `sha256:${createHash("sha256").update(id).digest("hex")}`;
}

/**
 * Streams that are named `type-dataset-namespace` say so in their documents.
 * https://www.elastic.co/docs/reference/ecs/ecs-data_stream
 */
function dataStreamFields(name: string) {
  const [, type, dataset, namespace] = /^([^-]+)-([^-]+)-(.+)$/.exec(name) ?? [];
  return type && dataset && namespace ? { type, dataset, namespace } : undefined;
}
