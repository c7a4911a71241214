/** Clients of clusters for tests; all that was opened is closed by `closeAll`. */
import { TocsinError } from "../../../errors.ts";
import { createHttp } from "../../../net/client.ts";
import { openCluster, type ElasticCluster } from "../cluster.ts";
import { clusterSettings } from "../settings.ts";

const open: { close(): Promise<void> }[] = [];

/** Keeps something open until `closeAll`. */
export function keep<T extends { close(): Promise<void> }>(what: T): T {
  open.push(what);
  return what;
}

/** Closes what was kept, last first; for `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const each of open.splice(0).toReversed()) await each.close();
}

export interface ClusterOptions {
  /** Of one node or of several. */
  readonly url: string | readonly string[];
  /** Settings as a configuration has them. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly longestAnswer?: number;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** A client of the cluster `lab`. */
export function clusterOf(options: ClusterOptions): ElasticCluster {
  const { url, settings, longestAnswer = 1e8, timeout } = options;
  const egress = { allow: [], deny: [] };
  const component = "cluster lab";
  const http = keep(createHttp({ component, egress, connections: 1, longestAnswer, timeout }));
  return openCluster(clusterSettings.parse({ url, ...settings }), { name: "lab", http });
}

/** The TocsinError that a promise ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<TocsinError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TocsinError) return error;
  throw new RangeError(`expected a TocsinError, got ${String(error)}`);
}
