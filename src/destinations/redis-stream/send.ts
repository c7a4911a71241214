/**
 * Appending an entry, and what Redis says when it does not. Its errors begin with a code:
 * https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
import type { Destination, RejectReason, Verdict } from "../destination.ts";
import { excerptOf } from "../http-verdict.ts";
import { trying } from "../json-call.ts";
import { isReply, type RedisConnection } from "./connection.ts";
import type { Entry } from "./render.ts";

export interface SendSettings {
  readonly stream: string;
  readonly max_length?: number | undefined;
}

/** It works, and will take the entry another time. */
const LATER = new Set([
  "BUSY",
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "MOVED",
  "NOREPLICAS",
  "OOM",
  "READONLY",
  "TRYAGAIN",
  "UNBLOCKED",
]);

const REJECTIONS: Readonly<Record<string, RejectReason>> = {
  NOAUTH: "unauthorized",
  NOPERM: "unauthorized",
  WRONGPASS: "unauthorized",
};

const HINTS: Readonly<Record<string, string>> = {
  MISCONF: "Redis cannot write to its disk",
  MOVED: "this is a node of a cluster; name the one that has the key, or use a Redis of its own",
  NOAUTH: "set password, and username for an ACL user",
  NOPERM: "the user needs +xadd on this key: ACL SETUSER NAME ~KEY +xadd",
  OOM: "Redis is at maxmemory; set max_length, or give it more",
  READONLY: "this is a replica; name the primary",
  WRONGPASS: "check username and password",
  WRONGTYPE: "the key holds something else; choose another for stream",
};

/** Makes the function that appends a rendered entry. */
export function createSend(
  { stream, max_length }: SendSettings,
  redis: RedisConnection,
): Destination<Entry>["send"] {
  const trim = max_length === undefined ? [] : ["MAXLEN", "~", String(max_length)];
  return (entry, _message, { signal, record }) =>
    trying(async () => {
      const args = [stream, ...trim, "*", ...entry.fields.flat()];
      const request = `XADD ${args.slice(0, 2 + trim.length).join(" ")}\n\n${JSON.stringify(Object.fromEntries(entry.fields))}`;
      try {
        const id = String(await redis.call("XADD", args, signal));
        record?.({ request, answer: id });
        return { kind: "delivered", reference: id };
      } catch (error) {
        record?.({ request, answer: error instanceof Error ? error.message : String(error) });
        if (!isReply(error)) throw error;
        return verdictOf(error.message);
      }
    });
}

function verdictOf(message: string): Verdict {
  const [code = ""] = message.split(" ", 1);
  const hint = HINTS[code];
  const error = hint === undefined ? excerptOf(message) : `${excerptOf(message)} — ${hint}`;
  if (LATER.has(code)) return { kind: "retry", reason: "server_error", error };
  return { kind: "reject", reason: REJECTIONS[code] ?? "rejected_by_peer", error };
}
