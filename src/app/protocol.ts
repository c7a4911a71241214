/** What the HTTP thread and the worker thread say to each other. */
import type { CreatedKey, NewKey } from "../keys/key.ts";
import type { Selection } from "../store/sqlite/admin.ts";
import type { PruneRequest } from "../stream/stream.ts";
import type { RaisedNotice } from "../store/store.ts";
import type { Change } from "./changes/change.ts";

/** Calls that the HTTP thread makes on the worker, by name: arguments and answer. */
export interface WorkerCalls {
  requeue: { args: { selection: Selection; who: string }; answer: number };
  /** What is answered depends on the kind of change: `Changed`. */
  change: { args: { change: Change; who: string }; answer: unknown };
  resolveQuarantine: { args: { position: number; resolution: string }; answer: boolean };
  touchKeys: { args: { used: readonly (readonly [string, number])[] }; answer: null };
  createKey: {
    args: { wish: NewKey };
    answer: CreatedKey;
  };
  revokeKey: { args: { id: string }; answer: boolean };
  metrics: { args: Record<string, never>; answer: object[] };
  pause: { args: { paused: boolean }; answer: null };
  /** Whether nothing is being decided or sent, or about to be. */
  idle: { args: Record<string, never>; answer: boolean };
  stop: { args: { grace: number }; answer: null };
}

export type CallName = keyof WorkerCalls;

export type ToWorker =
  | { readonly type: "wake" }
  | { readonly type: "call"; readonly id: number; readonly name: CallName; readonly args: object }
  | { readonly type: "done"; readonly id: number; readonly error: string | null };

export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly message: string; readonly hint: string | null }
  | { readonly type: "progress"; readonly cursor: number }
  | {
      readonly type: "appendNotices";
      readonly id: number;
      readonly notices: readonly RaisedNotice[];
    }
  | { readonly type: "prune"; readonly id: number; readonly request: PruneRequest }
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown }
  | {
      readonly type: "error";
      readonly id: number;
      readonly code: string;
      readonly component: string;
      readonly message: string;
      readonly hint: string | null;
    };
