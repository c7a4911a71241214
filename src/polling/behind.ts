/**
 * Watches that a source keeps up.
 *
 * States: *keeping up* → *behind* → *keeping up*. A source is behind when what it has read to is longer
 * ago than its bound. That is an episode: one event and one notice to operators at its begin, one event
 * when the source was read to its end again. A notice that cannot be stored is tried again at the next
 * check. The notice is dated by when the bound was passed and not by when that was seen, so a restart
 * in the middle of an episode raises the same one again, which the stream knows already.
 */
import { writeDuration } from "../config/values.ts";
import { OPERATOR_SOURCE } from "../sources/tocsin/index.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { PollError } from "./failures.ts";

/** What operators are told, as the intake takes it in. */
export interface BehindNotice {
  readonly source: typeof OPERATOR_SOURCE;
  readonly key: string;
  /** Epoch milliseconds. */
  readonly raised_at: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface BehindParts {
  readonly source: string;
  /** Milliseconds. */
  readonly bound: number;
  readonly telemetry: Telemetry;
  /** Resolves when the notice is durable. */
  notify(notice: BehindNotice): Promise<void>;
}

/** How far a source was read, and when that was looked at; epoch milliseconds. */
export interface Progress {
  readonly readTo: number;
  readonly now: number;
  /** Why reading fails; null when it does not. */
  readonly error: PollError | null;
}

export class BehindWatch {
  readonly #parts: BehindParts;
  #episode: { readonly since: number; told: boolean } | null = null;

  constructor(parts: BehindParts) {
    this.#parts = parts;
  }

  /** Begins an episode when the source is behind, and sees to it that operators hear of it. */
  async check(progress: Progress): Promise<void> {
    const { source, bound, telemetry } = this.#parts;
    const lag = progress.now - progress.readTo;
    if (!this.#episode && lag <= bound) return;
    if (!this.#episode) telemetry.emit({ event: "source_behind", source, lag });
    this.#episode ??= { since: progress.readTo + bound, told: false };
    if (!this.#episode.told) await this.#tell(this.#episode, progress);
  }

  /** To be called when the source was read to its end; ends the episode unless it is still behind. */
  finish({ readTo, now }: Progress): void {
    const { source, bound, telemetry } = this.#parts;
    if (!this.#episode || now - readTo > bound) return;
    telemetry.emit({ event: "source_caught_up", source, duration: now - this.#episode.since });
    this.#episode = null;
  }

  async #tell(episode: { readonly since: number; told: boolean }, at: Progress): Promise<void> {
    try {
      await this.#parts.notify(behindNotice(this.#parts, episode.since, at));
      episode.told = true;
    } catch {
      // What keeps a notice from being stored keeps pages from it too, and fails the poll.
    }
  }
}

function behindNotice(
  { source, bound }: BehindParts,
  since: number,
  { readTo, now, error }: Progress,
): BehindNotice {
  const cause = error
    ? `Reading fails and is tried again: ${error.message}. ${error.hint ?? ""}`.trimEnd()
    : "Reading goes on, but more is waiting than was read so far.";
  return {
    source: OPERATOR_SOURCE,
    key: `behind:${source}`,
    raised_at: since,
    body: {
      title: `Source ${source} is behind`,
      description:
        `What was made after ${new Date(readTo).toISOString()} is not read yet, which is ` +
        `${inSeconds(now - readTo)} ago; max_lag is ${inSeconds(bound)}. ${cause} ` +
        "Nothing is lost: reading goes on where it stopped. See: tocsin source list",
      reason: error?.message ?? "slow",
      severity: "high",
      source,
      at: new Date(since).toISOString(),
    },
  };
}

function inSeconds(milliseconds: number): string {
  return writeDuration(Math.round(milliseconds / 1000) * 1000);
}
