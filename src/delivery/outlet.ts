/**
 * The outlet of one destination: takes due deliveries from the store and sees each to its verdict.
 *
 * Terms. A *claim* is a delivery that this outlet may try; claims wait in a short queue. A *slot*
 * is taken from the start of a try until its result is on disk; there are `concurrency` slots.
 *
 * The outlet is *idle* until it is woken (new work, a timer, a free slot); it then starts as many
 * tries as slots, breaker and rate allow, and sets a timer for the next moment at which more could
 * start. *Stopping*, it starts nothing more, waits for tries under way, and gives its claims back.
 *
 * When a peer was *down* (the breaker opened) and works again, what failed meanwhile is due again as when
 * it was created, before anything more is tried. So what waited goes out oldest first, as fast as slots and
 * rate allow. While it is down each probe is another message, the longest due, for one that no peer can take
 * must not hold up the rest. For the same reason only what failed in that outage alone is brought back: what
 * failed while the peer worked keeps its own wait, and with it what the peer asked for. Nobody knows what was
 * before the start, so that counts as an outage which the first success ends.
 *
 * One outlet never waits for another: a destination that is down delays nobody else.
 */
import type { Destination, Verdict } from "../destinations/destination.ts";
import { fail, messageOf } from "../errors.ts";
import { OPERATOR_KIND } from "../pipeline/stages/route.ts";
import type { Attempt, Claim, DeliveryResult, Notice, Outage, Store } from "../store/store.ts";
import type { Clock } from "../telemetry/clock.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { attempt, messageOfClaim, type MessageLinks } from "./attempt.ts";
import { retryPause } from "./backoff.ts";
import { Breaker } from "./breaker.ts";
import { deadLetterKey, deadLetterNotice } from "./notice.ts";
import { TokenBucket, type Rate } from "./token-bucket.ts";

/** How long after a failure a result is recorded again. */
const RECORD_AGAIN_MS = 1000;
/** Deliveries of one transaction: they are read with their alerts, and others wait for the thread. */
const GIVEN_UP_AT_ONCE = 64;

export interface OutletSettings {
  readonly name: string;
  readonly destination: Destination;
  readonly concurrency: number;
  readonly rate: Rate | null;
  /** Milliseconds from the delivery's creation. */
  readonly giveUpAfter: number;
}

export interface OutletContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** From 0 to 1. */
  random(): number;
  readonly links: MessageLinks;
}

export class Outlet {
  readonly #settings: OutletSettings;
  readonly #context: OutletContext;
  readonly #breaker = new Breaker();
  readonly #bucket: TokenBucket | null;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #queue: Claim[] = [];
  #fresh = 0;
  #pumping: Promise<void> | null = null;
  #again = false;
  #stopping = false;
  #cancelTimer: () => void = () => {};
  /** When what failed may have failed because the peer was down; null while the peer works. */
  #outage: Outage | null;
  /** Whether dead letters may have been reported and not yet been followed by a success. */
  #noticeMayBeOpen = true;

  constructor(settings: OutletSettings, context: OutletContext) {
    this.#settings = settings;
    this.#context = context;
    this.#outage = { since: 0, until: context.clock.now() };
    this.#bucket = settings.rate ? new TokenBucket(settings.rate, context.clock.now()) : null;
  }

  get name(): string {
    return this.#settings.name;
  }

  /** Deliveries that were planned lately and not tried yet, without what waited for the breaker. */
  get behind(): number {
    return this.#fresh;
  }

  /** Says that there may be something to do: so many deliveries more. Cheap; at any time. */
  wake(planned = 0): void {
    // What comes while the breaker is open is backlog, and nobody waits for that.
    if (this.#breaker.state === "closed") this.#fresh += planned;
    if (this.#stopping) return;
    this.#again = true;
    this.#pumping ??= this.#pump();
  }

  /** Whether nothing is under way or about to be. */
  get idle(): boolean {
    return this.#pumping === null && this.#underWay.size === 0;
  }

  /** Finishes what is under way, at most for `grace` ms, and gives back the rest. */
  async stop(grace: number): Promise<void> {
    this.#stopping = true;
    this.#cancelTimer();
    await this.#pumping;
    const cancel = this.#context.clock.at(this.#context.clock.now() + grace, () =>
      this.#stop.abort(),
    );
    await Promise.all(this.#underWay);
    cancel();
    await this.#context.store.releaseClaims(this.#queue);
    await this.#settings.destination.close();
  }

  async #pump(): Promise<void> {
    try {
      while (this.#again && !this.#stopping) {
        this.#again = false;
        await this.#startTries();
      }
    } catch (error) {
      this.#report(error);
      this.#setTimer(this.#context.clock.now() + 1000);
    } finally {
      this.#pumping = null;
    }
  }

  async #startTries(): Promise<void> {
    const now = this.#context.clock.now();
    const free = Math.min(
      this.#settings.concurrency - this.#underWay.size,
      this.#breaker.allowance(now),
    );
    if (free > 0 && this.#queue.length < free) await this.#refill(now);
    for (let started = 0; started < free; started += 1) {
      const claim = this.#queue[0];
      if (!claim) break;
      const wait = this.#bucket?.take(now) ?? 0;
      if (wait > 0) return this.#setTimer(now + wait);
      this.#queue.shift();
      this.#start(claim);
    }
    await this.#planNext(now);
  }

  async #refill(now: number): Promise<void> {
    const want = this.#breaker.state === "closed" ? this.#settings.concurrency * 2 : 1;
    const claims = await this.#context.store.claimDeliveries(this.name, now, want);
    this.#queue.push(...claims);
    // The outbox has the last word: what was counted may have been given up meanwhile.
    if (claims.length === 0) this.#fresh = 0;
  }

  /** With free slots and an empty queue, the next thing to happen is a due time or a probe. */
  async #planNext(now: number): Promise<void> {
    const opensAt = this.#breaker.opensAt;
    if (opensAt !== null && opensAt > now) return this.#setTimer(opensAt);
    if (this.#queue.length > 0 || this.#underWay.size >= this.#settings.concurrency) return;
    const due = await this.#context.store.nextDue(this.name);
    if (due !== null && due > now) this.#setTimer(due);
  }

  #setTimer(at: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#context.clock.at(at, () => this.wake());
  }

  #start(claim: Claim): void {
    this.#breaker.begin();
    const task = this.#try(claim)
      .catch((error: unknown) => this.#report(error))
      .finally(() => {
        this.#underWay.delete(task);
        this.wake();
      });
    this.#underWay.add(task);
  }

  async #try(claim: Claim): Promise<void> {
    const { clock, store, telemetry } = this.#context;
    const { destination } = this.#settings;
    const message = messageOfClaim(claim, this.#context.links);
    const begun = clock.now();
    const verdict = await attempt(destination, message, this.#stop.signal);
    // A try that the shutdown cut off says nothing about the peer; the delivery stays pending.
    if (this.#stop.signal.aborted && verdict.kind === "retry") {
      return store.releaseClaims([claim]);
    }
    if (claim.attempts === 0) this.#fresh = Math.max(0, this.#fresh - 1);
    const at = clock.now();
    const result = this.#conclude(claim, verdict, at, at - begun);
    this.#noteVerdict(verdict, at);
    if (!(await this.#record(result))) return store.releaseClaims([claim]);
    telemetry.emit({
      event: "attempt_recorded",
      destination: this.name,
      alert: claim.alert.number,
      next: result.next,
      attempt: result.attempt,
    });
    if (!isFailure(verdict)) await this.#resume();
    if (verdict.kind === "delivered") await this.#closeNotice();
    if (this.#breaker.state === "open") await this.#giveUpOld();
  }

  #conclude(claim: Claim, verdict: Verdict, at: number, duration: number): DeliveryResult {
    const base = { claim, at, attempt: attemptOf(verdict, duration) };
    if (verdict.kind === "delivered") {
      const { remember = null, reference = null } = verdict;
      return { ...base, next: "delivered", remember, reference };
    }
    if (verdict.kind === "reject") return { ...base, next: "dead", reason: verdict.reason };
    const pause = retryPause(claim.attempts + 1, this.#context.random(), verdict.after);
    const isOver = at + pause > claim.created_at + this.#settings.giveUpAfter;
    if (isOver) return { ...base, next: "dead", reason: "gave_up" };
    return { ...base, next: "pending", due_at: at + pause };
  }

  #noteVerdict(verdict: Verdict, now: number): void {
    if (!isFailure(verdict)) {
      // One that is open closes when the backlog is in order.
      if (this.#breaker.state === "closed") this.#breaker.succeed();
      return;
    }
    if (!this.#breaker.fail(now)) return;
    const since = this.#outage?.since ?? this.#breaker.failingSince;
    this.#outage = { since, until: Number.POSITIVE_INFINITY };
    this.#fresh = 0;
    const { telemetry } = this.#context;
    telemetry.emit({ event: "breaker_opened", destination: this.name, error: verdict.error });
  }

  /** The peer works. If it was down, what waits is put in order first. */
  async #resume(): Promise<void> {
    const outage = this.#outage;
    if (outage === null) return;
    const { store, clock } = this.#context;
    try {
      // What is queued here is newer than what failed.
      await store.releaseClaims(this.#queue.splice(0));
      await store.resumeDeliveries(this.name, outage, clock.now());
      if (this.#outage === outage) this.#outage = null;
    } finally {
      this.#breaker.succeed();
    }
  }

  #noticesOf(result: DeliveryResult): Notice[] {
    // An operator alert that cannot be delivered must not raise another one, or it never ends.
    if (result.next !== "dead" || result.claim.alert.source.kind === OPERATOR_KIND) return [];
    this.#noticeMayBeOpen = true;
    return [deadLetterNotice(result)];
  }

  async #closeNotice(): Promise<void> {
    if (!this.#noticeMayBeOpen) return;
    this.#noticeMayBeOpen = false;
    const isClosed = await this.#context.store.closeNotice(deadLetterKey(this.name));
    // One that operators are still to hear of is closed by a later success.
    if (!isClosed) this.#noticeMayBeOpen = true;
  }

  /** While the breaker is open nothing is tried, but `give_up_after` still counts. */
  async #giveUpOld(): Promise<void> {
    let isMore = true;
    while (isMore && !this.#stopping) isMore = await this.#giveUpSome();
  }

  /** Whether there may be more. */
  async #giveUpSome(): Promise<boolean> {
    const { store, clock } = this.#context;
    const now = clock.now();
    const claims = await store.claimDeliveries(this.name, now, GIVEN_UP_AT_ONCE);
    const old = claims.filter((claim) => claim.created_at + this.#settings.giveUpAfter < now);
    await store.releaseClaims(claims.filter((claim) => !old.includes(claim)));
    if (old.length === 0) return false;
    const results = old.map((claim) => {
      return { claim, at: now, attempt: null, next: "dead", reason: "gave_up" } as const;
    });
    await store.recordResults(
      results,
      results.flatMap((result) => this.#noticesOf(result)),
    );
    return old.length === GIVEN_UP_AT_ONCE;
  }

  /**
   * Records a result, however long that takes: the message is out, and trying the delivery again
   * instead would repeat it. The slot stays taken. False only when the outlet stops first.
   */
  async #record(result: DeliveryResult): Promise<boolean> {
    const notices = this.#noticesOf(result);
    for (;;) {
      try {
        await this.#context.store.recordResults([result], notices);
        return true;
      } catch (error) {
        this.#report(unrecorded(this.name, result, error));
      }
      if (this.#stopping) return false;
      await this.#wait(RECORD_AGAIN_MS);
    }
  }

  #wait(duration: number): Promise<void> {
    const { clock } = this.#context;
    return new Promise((resolve) => clock.at(clock.now() + duration, resolve));
  }

  #report(error: unknown): void {
    this.#context.telemetry.emit({ event: "outlet_failed", destination: this.name, error });
  }
}

function unrecorded(name: string, { claim }: DeliveryResult, cause: unknown): Error {
  return fail("STORAGE_FAILED", {
    component: `destination ${name}`,
    message: `what became of ${claim.alert.number} could not be recorded: ${messageOf(cause)}`,
    hint: "It is tried again every second. Check the free space of the data folder.",
    cause,
  });
}

/** Whether it speaks against the peer, and not against one message alone. */
function isFailure(verdict: Verdict): verdict is Verdict & { readonly kind: "retry" } {
  return verdict.kind === "retry" && !verdict.alone;
}

function attemptOf(verdict: Verdict, duration: number): Attempt {
  return {
    verdict: verdict.kind,
    reason: verdict.kind === "delivered" ? "accepted_by_peer" : verdict.reason,
    status: verdict.status ?? null,
    duration,
    error: verdict.kind === "delivered" ? null : verdict.error,
  };
}
