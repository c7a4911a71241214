/**
 * What differs between versions of TheHive, and finding out which one it is.
 *
 * TheHive 5 answers `/api/v1/status/public` without credentials; TheHive 4 does not know that and says
 * its version in `/api/status` (`StatusCtrl.scala` of TheHive-Project/TheHive).
 */
import { z } from "zod";
import type { SendContext } from "../destination.ts";
import { retry } from "../http-verdict.ts";
import { joinUrl, readJson, type JsonCall } from "../json-call.ts";
import { type Outcome, verdictOfHive } from "./answer.ts";
import type { Pap, Tlp } from "./model.ts";

/** The way a version is spoken to. */
export interface Dialect {
  /** 4: API v0, whose v1 ignores observables. 5: API v1; v0 is deprecated since 5.4. */
  readonly version: 4 | 5;
  readonly tlp: Readonly<Record<Tlp, number>>;
}

/** `amber+strict` is unknown before 5.2: the next stricter one stands for it. */
const TLP_BEFORE_5_2 = { clear: 0, green: 1, amber: 2, "amber+strict": 3, red: 3 } as const;
/** https://docs.strangebee.com/thehive/release-notes/release-notes-5.2/ */
const TLP_SINCE_5_2 = { clear: 0, green: 1, amber: 2, "amber+strict": 3, red: 4 } as const;

export const PAP: Readonly<Record<Pap, number>> = { clear: 0, green: 1, amber: 2, red: 3 };

/** The dialects that can be configured; 5 is 5.2 or newer. */
export const DIALECTS: Readonly<Record<4 | 5, Dialect>> = {
  4: { version: 4, tlp: TLP_BEFORE_5_2 },
  5: { version: 5, tlp: TLP_SINCE_5_2 },
};

/** The dialect of a version as TheHive writes it: `4.1.24-1`, `5.0.5`, `5.2.10-1`. */
export function dialectOf(version: string): Dialect | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  if (major < 5) return DIALECTS[4];
  return major === 5 && minor < 2 ? { version: 5, tlp: TLP_BEFORE_5_2 } : DIALECTS[5];
}

const publicStatus = z.object({ version: z.string() });
const oldStatus = z.object({ versions: z.object({ TheHive: z.string() }) });

export interface DetectOptions {
  readonly url: string;
  now(): number;
}

/** Asks TheHive which version it is, in one request for 5 and in two for 4. */
export async function detectDialect(
  call: JsonCall,
  { url, now }: DetectOptions,
  sending: SendContext,
): Promise<Outcome<Dialect>> {
  const ask = (path: string) => call({ method: "GET", url: joinUrl(url, path) }, sending);
  const answer = await ask("/api/v1/status/public");
  const dialect = dialectOf(readJson(answer, publicStatus)?.version ?? "");
  if (dialect) return { value: dialect };
  // Whatever is not there may be refused in many ways by what stands before TheHive.
  const { kind } = verdictOfHive(answer, now());
  if (kind === "retry") return { failed: verdictOfHive(answer, now()) };
  const old = await ask("/api/status");
  const oldDialect = dialectOf(readJson(old, oldStatus)?.versions.TheHive ?? "");
  if (oldDialect) return { value: oldDialect };
  const verdict = verdictOfHive(old, now());
  // A 2xx that names no version was not said by TheHive.
  return {
    failed: verdict.kind === "delivered" ? retry(old, "unexpected_answer", now()) : verdict,
  };
}
