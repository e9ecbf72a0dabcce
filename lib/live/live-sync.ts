import { systemClock } from "../platform/clock.ts";
import type { Clock } from "../platform/clock.ts";
import type { DiscoverOptions, SessionFile } from "../session/discover.ts";
import { CurrentSession } from "./current-session.ts";
import type { EngineHolder } from "./engine.ts";
import { Leftovers } from "./leftovers.ts";
import type { Marks } from "./marks.ts";
import { createScheduler } from "./scheduler.ts";
import type { RoundResult, Scheduler } from "./scheduler.ts";
import type { LiveSource } from "./source.ts";
import { startState } from "./state.ts";
import type { Gate, LiveState } from "./state.ts";
import { judgeError } from "./verdict.ts";

/** So long after an event, pi has stored what it was about. */
const settleMs = 30;
/** What has no event is noticed within this time. */
const lookEveryMs = 1000;
/** Others may leave something behind at any time; the session before this one does when it ends. */
const leftoverLooks = 60;
const firstLeftoverLook = 3;
/** What a request in flight may still take when another session takes over. */
const graceMs = 2000;

/** What live sync works with. */
export interface LiveOptions {
  engine: EngineHolder;
  source: LiveSource;
  marks: Marks;
  /** Where pi keeps session files. */
  where: DiscoverOptions;
  gate: Gate;
  /** Its sleeps must not keep the process alive. */
  clock: Clock;
  /** Told of each change; must not throw. */
  onChange: (state: LiveState) => void;
}

/**
 * Keeps the server up to date with one session while it goes on, and catches up on what was left
 * behind. All of it happens in the background; `nudge` is for event handlers.
 */
export class LiveSync {
  readonly #options: LiveOptions;
  readonly #scheduler: Scheduler;
  readonly #current: CurrentSession;
  readonly #leftovers: Leftovers;
  /** Ends the request in flight. */
  readonly #cut = new AbortController();
  /** Ends the round that goes on, after its request in flight. */
  #stop = new AbortController();
  #state: LiveState;
  #isCatchingUp = false;
  #isForced = false;
  /** What the last round came to. */
  #last: RoundResult["kind"] = "done";
  #isFlushing = false;
  #closing: Promise<void> | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#state = startState(options.gate);
    const report = (change: Partial<LiveState>): void => this.#set(change);
    this.#current = new CurrentSession({ ...options, report });
    this.#leftovers = new Leftovers({ ...options, report });
    const work = (): Promise<RoundResult> => this.#work();
    this.#scheduler = createScheduler({ work, clock: options.clock, settleMs });
  }

  get state(): LiveState {
    return this.#state;
  }

  /** The session's file as it is now, if there is one. */
  async look(): Promise<SessionFile | undefined> {
    const { gate } = this.#state;
    // Nothing is kept of it, not even for a look.
    if (gate === "off" && this.#options.source.isSpooled) return undefined;
    await this.#current.look();
    return this.#current.file;
  }

  /** Begins with what is new of the session, goes on with what is left of others. */
  start(): void {
    void this.#watch();
  }

  /** Something may have been added to the session. */
  nudge(): void {
    if (this.#state.gate === "off") return;
    this.#options.source.note();
    if (this.#isCatchingUp) this.#stop.abort();
    if (this.#isFlushing) void this.#scheduler.runNow();
    else this.#scheduler.nudge();
  }

  /** Says whether pi works at present, so that more is about to come. */
  setBusy(isBusy: boolean): void {
    this.#current.isBusy = isBusy;
    this.nudge();
  }

  setGate(gate: Gate): void {
    this.#set({ gate });
    if (gate !== "open") this.#stop.abort();
    void this.#scheduler.runNow();
  }

  /** Sends now what waits, also through a closed gate and before it is time to try again. */
  async sync(): Promise<void> {
    const { gate, phase } = this.#state;
    // The key may be another one by now, where it comes from a command.
    if (phase === "refused") this.#options.engine.close();
    do {
      this.#isForced = true;
      await this.#scheduler.runNow();
    } while (this.#last === "again" && this.#state.gate === gate && !this.#closing);
  }

  /**
   * Tries for `limitMs` to send what is left of the session, and closes. What does not get through
   * stays marked for the next start.
   */
  async flush(limitMs: number): Promise<void> {
    if (this.#closing) return;
    this.#isFlushing = true;
    if (this.#isCatchingUp) this.#stop.abort();
    const { gate, failure } = this.#state;
    if (gate !== "open" || failure?.isTimeout || this.#last === "stuck") {
      return this.close(0);
    }
    const isOver = new AbortController();
    // This sleep keeps the process alive, which would otherwise end in the middle.
    const deadline = systemClock.sleep(limitMs, isOver.signal).then(
      () => false,
      () => false,
    );
    const isFinished = await Promise.race([this.#finish(), deadline]);
    isOver.abort();
    if (!isFinished) return this.close(0);
    // pi 0.73 can tell of the last answer after the end of the session.
    void this.#options.clock.sleep(limitMs).then(() => this.close(0));
  }

  /** One last time, also for the sessions before. True where the server is in trouble, too: it was tried. */
  async #finish(): Promise<true> {
    await this.#leftovers.find(this.#current.path).catch(() => {});
    this.#leftovers.keepOurs();
    do await this.#scheduler.runNow();
    while (this.#last === "again" && !this.#closing);
    return true;
  }

  /** Ends, and leaves for later what is not sent. A request in flight is cut after a while. */
  close(cutAfterMs: number = graceMs): Promise<void> {
    this.#closing ??= this.#close(cutAfterMs);
    return this.#closing;
  }

  async #close(cutAfterMs: number): Promise<void> {
    this.#stop.abort();
    const isOver = new AbortController();
    const cutLater = this.#options.clock.sleep(cutAfterMs, isOver.signal);
    cutLater.then(
      () => this.#cutShort(),
      () => {},
    );
    const isQuiet = this.#scheduler.close();
    // pi may end before the request in flight does, so what it keeps in memory is written down first.
    if (this.#state.gate !== "off") await this.#current.look().catch(() => {});
    await isQuiet;
    isOver.abort();
    await this.#leave().catch(() => {});
    this.#options.engine.close();
  }

  #cutShort(): void {
    this.#cut.abort();
    this.#options.engine.cancel();
  }

  /** Marks what is left of the session, and takes away what need not be kept. */
  async #leave(): Promise<void> {
    await (this.#state.gate === "off" ? this.#current.discard() : this.#current.leave());
  }

  #set(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    if (!this.#closing) this.#options.onChange(this.#state);
  }

  /** Notices what has no event: names, `!commands`, other processes on the same file. */
  async #watch(): Promise<void> {
    for (let looks = 0; !this.#closing; looks++) {
      if (this.#state.gate !== "off") {
        // The next round meets the same trouble, and tells.
        await this.#lookAround(looks).catch(() => this.nudge());
      }
      await this.#options.clock.sleep(lookEveryMs);
    }
  }

  async #lookAround(looks: number): Promise<void> {
    const isTime = looks === 0 || looks % leftoverLooks === firstLeftoverLook;
    if (isTime) {
      await this.#current.mark();
      await this.#leftovers.find(this.#current.path);
    }
    const isNew = await this.#current.look();
    const { phase } = this.#state;
    if (isNew && (phase === "offline" || phase === "refused")) await this.#current.count();
    if (isNew || (isTime && this.#leftovers.isReady)) this.nudge();
  }

  /** One round: the session that goes on, else one of those that were left behind. */
  async #work(): Promise<RoundResult> {
    const isForced = this.#isForced;
    this.#isForced = false;
    this.#stop = new AbortController();
    const result = await this.#round(isForced).catch((error: unknown) => {
      const verdict = judgeError(error);
      this.#set(verdict.state);
      return verdict.result;
    });
    this.#last = result.kind;
    if (this.#isFlushing) await this.#leave().catch(() => {});
    return result;
  }

  async #round(isForced: boolean): Promise<RoundResult> {
    const { gate } = this.#state;
    const isOpen = gate === "open" || isForced;
    if (gate === "off" && !isForced) {
      await this.#current.forget();
      return { kind: "done" };
    }
    const isLast = this.#isFlushing || isForced;
    const signals = { stop: this.#stop.signal, cut: this.#cut.signal };
    const { totalsWaitMs = Infinity } = this.#current;
    if ((await this.#current.look()) || (isLast && totalsWaitMs < Infinity) || totalsWaitMs === 0) {
      if (!isOpen) {
        await this.#current.count();
        return { kind: "done" };
      }
      const result = await this.#current.send({ isLast, ...signals });
      if (result.kind !== "done") return result;
    }
    return (isOpen ? await this.#catchUp(signals) : undefined) ?? this.#restUntilTotals();
  }

  /** Sends one of the sessions that were left behind; undefined where there is none. */
  async #catchUp(signals: {
    stop: AbortSignal;
    cut: AbortSignal;
  }): Promise<RoundResult | undefined> {
    if (!this.#leftovers.isReady) return undefined;
    this.#isCatchingUp = true;
    try {
      const result = await this.#leftovers.sendNext(signals.stop, signals.cut);
      return result.kind === "done" ? undefined : result;
    } finally {
      this.#isCatchingUp = false;
    }
  }

  #restUntilTotals(): RoundResult {
    const { totalsWaitMs } = this.#current;
    return totalsWaitMs === undefined ? { kind: "done" } : { kind: "again", afterMs: totalsWaitMs };
  }
}
