/**
 * Runs one timeline test: what is given goes through the real intake and the real stages on the
 * test's own time, and what would be sent is compared with what is wanted.
 */
import { giveStatus } from "../alert/status.ts";
import type { Configuration } from "../app/configuration.ts";
import { takeReceipt } from "../app/intake.ts";
import { compilePipeline } from "../app/pipeline-configuration.ts";
import { fail, messageOf } from "../errors.ts";
import type { StoredAlert } from "../pipeline/state.ts";
import type { CompiledSilence } from "../silence/compile.ts";
import type { Stream } from "../stream/stream.ts";
import { fillBody } from "./fill-body.ts";
import type { SentMessage } from "./message.ts";
import { rehearse, type Act } from "./rehearse.ts";
import { compareMessages, type Difference } from "./scenario-compare.ts";
import type { Arrival, Scenario } from "./scenario-schema.ts";
import { openTemporaryLog } from "./temporary-log.ts";

/** What a test came to. */
export interface ScenarioResult {
  readonly name: string;
  readonly passed: boolean;
  /** What could not be run at all; then there are no differences. */
  readonly error: string | null;
  readonly differences: readonly Difference[];
  readonly messages: readonly SentMessage[];
  /** Milliseconds. */
  readonly duration: number;
}

/** Runs a test on a configuration. Never throws for what the test or the configuration say. */
export async function runScenario(
  scenario: Scenario,
  configuration: Configuration,
  silences: readonly CompiledSilence[],
): Promise<ScenarioResult> {
  const begun = performance.now();
  try {
    const messages = await play(scenario, configuration, silences);
    const differences = compareMessages(scenario, messages);
    return {
      name: scenario.name,
      passed: differences.length === 0,
      error: null,
      differences,
      messages,
      duration: performance.now() - begun,
    };
  } catch (error) {
    const failed = { name: scenario.name, passed: false, error: messageOf(error) };
    return { ...failed, differences: [], messages: [], duration: performance.now() - begun };
  }
}

async function play(
  scenario: Scenario,
  configuration: Configuration,
  silences: readonly CompiledSilence[],
): Promise<SentMessage[]> {
  const start = Date.parse(scenario.start);
  const log = openTemporaryLog();
  try {
    const last = await writeLog(scenario, configuration, log.stream, start);
    const reading = log.read();
    const messages: SentMessage[] = [];
    await rehearse({
      entries: reading.entries(),
      configuration: compilePipeline(configuration),
      silences,
      acts: actsOf(scenario, start),
      since: start,
      until: last + scenario.watch,
      documents: reading.documents,
      onMessage: (message) => messages.push(message),
    });
    return messages;
  } finally {
    await log.close();
  }
}

/** Takes everything in at its time; answers the time of the last line. */
async function writeLog(
  { given, want }: Scenario,
  configuration: Configuration,
  stream: Stream,
  start: number,
): Promise<number> {
  const arrivals = given
    .flatMap((line, index) => ("source" in line ? expand(line, index) : []))
    .toSorted((a, b) => a.at - b.at);
  for (const arrival of arrivals) await arrive(stream, configuration, arrival, start);
  const times = [...given, ...want].map((line) => line.at);
  return start + Math.max(0, ...times, arrivals.at(-1)?.at ?? 0);
}

interface OneArrival {
  readonly at: number;
  readonly source: string;
  readonly body: unknown;
  /** Given to events that are to count as different though their bodies are the same. */
  readonly key: string | undefined;
}

function expand({ at, source, body, times, every }: Arrival, line: number): OneArrival[] {
  if (times === 1) return [{ at, source, body: fillBody(body, 1), key: undefined }];
  return Array.from({ length: times }, (_, index) => ({
    at: at + index * every,
    source,
    body: fillBody(body, index + 1),
    key: `test-${line + 1}-${index + 1}`,
  }));
}

async function arrive(
  stream: Stream,
  configuration: Configuration,
  { at, source: name, body, key }: OneArrival,
  start: number,
): Promise<void> {
  const source = configuration.sources.get(name);
  if (!source) throw broken(`the configuration has no source ${name}`);
  const taken = await takeReceipt(stream, source, configuration.limits, {
    bytes: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    contentType: "application/json",
    headers: () => ({}),
    idempotencyKey: key,
    via: "test",
    receivedAt: start + at,
  });
  const [rejected] = taken.quarantined;
  if (rejected) throw broken(`source ${name} cannot read what is given: ${rejected.detail}`);
}

function broken(message: string): Error {
  return fail("REQUEST_INVALID", { component: "test", message });
}

function actsOf({ given }: Scenario, start: number): Act[] {
  return given
    .flatMap((line) => ("status" in line ? [line] : []))
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, alert: title, status, verdict }) => ({
      at: start + at,
      change: (stored: StoredAlert) => {
        const { alert } = stored;
        if (alert.title !== title || alert.status === status) return undefined;
        // What is closed has to be reopened first, as in earnest.
        if (alert.status === "closed" && status === "acknowledged") return undefined;
        const found = status === "new" ? null : (verdict ?? alert.verdict);
        return {
          ...stored,
          alert: { ...giveStatus(alert, status, start + at), verdict: found },
          closed_at: status === "closed" ? start + at : null,
        };
      },
    }));
}
