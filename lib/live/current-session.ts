import type { Clock } from "../platform/clock.ts";
import type { SessionFile } from "../session/discover.ts";
import type { SessionOutcome } from "../sync/event.ts";
import type { EngineHolder } from "./engine.ts";
import type { Marks } from "./marks.ts";
import type { RoundResult } from "./scheduler.ts";
import type { LiveSource } from "./source.ts";
import type { LiveState } from "./state.ts";
import { judge } from "./verdict.ts";

/** Tokens and cost follow when nothing was added for so long … */
const quietMs = 2000;
/** … and this often while pi works without a pause. */
const totalsEveryMs = 5 * 60 * 1000;
/** Sending that is over sooner is not shown. */
const showAfterMs = 300;

/** What the session that goes on is sent with. */
export interface CurrentSessionOptions {
  engine: EngineHolder;
  source: LiveSource;
  marks: Marks;
  clock: Clock;
  /** Takes in what changed of the state. */
  report: (change: Partial<LiveState>) => void;
}

/** For one round. */
export interface RoundOptions {
  /** It is the last one: tokens and cost are told whatever else. */
  isLast: boolean;
  stop: AbortSignal;
  cut: AbortSignal;
}

/** The session that goes on, and how far it is delivered. */
export class CurrentSession {
  readonly #options: CurrentSessionOptions;
  /** Whether pi works at present, so that more is about to come. */
  isBusy = false;
  #file: SessionFile | undefined;
  /** The file as it was when the server had all messages of it. */
  #sentAs: SessionFile | undefined;
  #countedAs: SessionFile | undefined;
  #changedAt = 0;
  /** Since when the server has all messages, and not yet what they cost. */
  #totalsDueSince: number | undefined;
  /** The server did not take what it was sent last. */
  #isOffline = false;
  /** The server will not have it as it is. */
  #isRefused = false;
  #waiting = 0;
  #redacted = 0;

  constructor(options: CurrentSessionOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#options.source.path;
  }

  /** Looks at the session's file. Gives whether the server may lack messages of it. */
  async look(): Promise<boolean> {
    const { source, clock } = this.#options;
    const file = await source.look();
    if (file && !isSame(file, this.#file)) this.#changedAt = clock.now();
    this.#file = file;
    return file !== undefined && !isSame(file, this.#sentAs);
  }

  /** How long tokens and cost can wait, where they are due; each telling costs the server an embedding. */
  get totalsWaitMs(): number | undefined {
    if (this.#totalsDueSince === undefined) return undefined;
    const now = this.#options.clock.now();
    const dueAt = this.isBusy ? this.#totalsDueSince + totalsEveryMs : this.#changedAt + quietMs;
    return Math.max(0, dueAt - now);
  }

  /** The file as it was when it was looked at last. */
  get file(): SessionFile | undefined {
    return this.#file;
  }

  /** Marks the session for the next start, in case that this process does not get to it. */
  async mark(): Promise<void> {
    const { marks, source } = this.#options;
    await marks.claim({ path: source.path, isSpooled: source.isSpooled });
  }

  /** Takes the mark away if all is delivered, and leaves it for the next start if not. */
  async leave(): Promise<void> {
    const isNew = await this.look();
    if (isNew || this.#isRefused || this.#totalsDueSince !== undefined) await this.mark();
    else await this.forget();
  }

  /** Nothing of the session is to be delivered any more. */
  async forget(): Promise<void> {
    await this.discard();
    await this.#options.marks.release(this.path);
  }

  /** Takes away what we wrote of the session ourselves. */
  async discard(): Promise<void> {
    await this.#options.source.discard();
  }

  /** Counts the messages that wait. */
  async count(): Promise<void> {
    const file = this.#file;
    if (file === undefined || isSame(file, this.#countedAs)) return;
    const engine = await this.#options.engine.get();
    this.#waiting = await engine.count(file);
    this.#countedAs = file;
    this.#options.report({ waiting: this.#waiting });
  }

  /** Sends what the server lacks of the file that was looked at last. */
  async send({ isLast, stop, cut }: RoundOptions): Promise<RoundResult> {
    const { clock } = this.#options;
    const file = this.#file;
    if (file === undefined) return { kind: "done" };
    await this.mark();
    const engine = await this.#options.engine.get();
    await this.count();
    const totals = isLast || this.totalsWaitMs === 0 ? "now" : "later";
    const isOver = new AbortController();
    clock.sleep(showAfterMs, isOver.signal).then(
      // Where the server is away, it is back only when it has taken something.
      () => this.#isOffline || this.#options.report({ phase: "sending" }),
      () => {},
    );
    let outcome: SessionOutcome = { kind: "unchanged" };
    try {
      for await (const event of engine.send(file, { totals, stop, cut })) {
        if (event.type === "message") this.#noteMessage();
        if (event.type === "redacted") this.#noteRedacted(event.findings.length);
        if (event.type === "session-done") outcome = event.outcome;
      }
    } finally {
      isOver.abort();
    }
    return this.#conclude(file, outcome, totals);
  }

  #noteMessage(): void {
    this.#waiting = Math.max(0, this.#waiting - 1);
    this.#options.report({
      waiting: this.#waiting,
      ...(this.#isOffline && { phase: "sending" }),
    });
    this.#isOffline = false;
  }

  #noteRedacted(count: number): void {
    this.#redacted += count;
    this.#options.report({ redacted: this.#redacted });
  }

  async #conclude(
    file: SessionFile,
    outcome: SessionOutcome,
    totals: "now" | "later",
  ): Promise<RoundResult> {
    const { report, clock } = this.#options;
    const { result, state } = judge(outcome);
    report(state);
    this.#isOffline = state.phase === "offline";
    if (result.kind !== "done") {
      // Some of it may have got through.
      this.#countedAs = undefined;
      await this.count();
      return result;
    }
    this.#sentAs = file;
    this.#isRefused = state.failure !== undefined;
    this.#waiting = 0;
    report({ waiting: 0 });
    const isDelivered = outcome.kind === "sent" || outcome.kind === "unchanged";
    // What was delivered before does not say that the server is there.
    if (outcome.kind === "sent") report({ lastSuccessAt: clock.now() });
    const isMoreDue = isDelivered && totals === "later";
    this.#totalsDueSince = isMoreDue ? (this.#totalsDueSince ?? clock.now()) : undefined;
    return (await this.look()) ? { kind: "again", afterMs: 0 } : result;
  }
}

function isSame(a: SessionFile, b: SessionFile | undefined): boolean {
  return a.path === b?.path && a.size === b.size && a.mtimeMs === b.mtimeMs;
}
