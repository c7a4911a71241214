/** The calls of Kibana that Tocsin makes: the status and tags of alerts, and cases. */
import type { Http } from "../../net/http.ts";
import { createCall, type KibanaSettings } from "./call.ts";
import { createCommentCase, createCreateCase } from "./cases.ts";
import { createReadStatus, createSetStatus } from "./status.ts";
import { createSetTags } from "./tags.ts";

export type { KibanaSettings } from "./call.ts";

/** What people made of an alert in Kibana. */
export type WorkflowStatus = "open" | "acknowledged" | "closed";

export interface StatusRequest {
  /** `default` is the space without a name in the path. */
  readonly space: string;
  /** `kibana.alert.uuid`, or `_id` of a legacy signal. */
  readonly ids: readonly string[];
  readonly status: WorkflowStatus;
  /** Leaves alone what was changed in Kibana after this time, epoch milliseconds. */
  readonly unlessChangedAfter?: number | undefined;
}

/** An alert's status as Kibana has it. */
export interface AlertStatus {
  readonly id: string;
  readonly status: WorkflowStatus | null;
  /** Epoch milliseconds; null where it was never changed or the version does not write it down. */
  readonly changedAt: number | null;
}

export interface NewCase {
  readonly space: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly severity: "low" | "medium" | "high" | "critical";
}

/** Every call throws CLUSTER_REFUSED, NOT_FOUND or REQUEST_FAILED, as those of a cluster do. */
export interface Kibana {
  /** Answers how many alerts were changed; fewer than asked for is no error here. */
  setStatus(request: StatusRequest, signal?: AbortSignal): Promise<number>;
  /** The alerts that are there, in no order. */
  readStatus(
    space: string,
    ids: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly AlertStatus[]>;
  setTags(
    request: {
      readonly space: string;
      readonly ids: readonly string[];
      readonly add: readonly string[];
      readonly remove: readonly string[];
    },
    signal?: AbortSignal,
  ): Promise<void>;
  /** Answers the id of the new case. */
  createCase(request: NewCase, signal?: AbortSignal): Promise<string>;
  commentCase(
    request: { readonly space: string; readonly id: string; readonly text: string },
    signal?: AbortSignal,
  ): Promise<void>;
}

export interface KibanaParts {
  /** Of the cluster, as in the configuration; errors name it. */
  readonly name: string;
  /** As `openClusterHttp` makes it; whoever made it closes it. */
  readonly http: Http;
}

/** Binds the settings to a client; nothing is sent before the first call. */
export function openKibana(settings: KibanaSettings, { name, http }: KibanaParts): Kibana {
  const call = createCall(settings, name, http);
  return {
    setStatus: createSetStatus(call),
    readStatus: createReadStatus(call),
    setTags: createSetTags(call),
    createCase: createCreateCase(call),
    commentCase: createCommentCase(call),
  };
}
