import { rm } from "node:fs/promises";

import { OpenSyncError } from "../opensync/failure.ts";
import type { Clock } from "../platform/clock.ts";
import { describeSessionFile } from "../session/discover.ts";
import type { DiscoverOptions, SessionFile } from "../session/discover.ts";
import type { SessionOutcome } from "../sync/event.ts";
import type { EngineHolder, SendOptions } from "./engine.ts";
import type { LeftMark, Mark, Marks } from "./marks.ts";
import type { RoundResult } from "./scheduler.ts";
import type { LiveState } from "./state.ts";
import { judge } from "./verdict.ts";

/** So long a session rests that the server fails on. */
const restMs = 30_000;

/** What leftovers are sent with. */
export interface LeftoversOptions {
  engine: EngineHolder;
  marks: Marks;
  /** Where pi keeps session files. */
  where: DiscoverOptions;
  clock: Pick<Clock, "now">;
  report: (change: Partial<LiveState>) => void;
}

/** Sessions that earlier processes, or this one before, left unfinished. */
export class Leftovers {
  readonly #options: LeftoversOptions;
  #waiting: LeftMark[] = [];
  /** What is of no use to try again before the next start. */
  readonly #givenUp = new Set<string>();
  /** When to try again what the server failed on, by path. */
  readonly #restUntil = new Map<string, number>();
  /** What was left by others, also when it is claimed here by now. */
  readonly #ofOthers = new Set<string>();

  constructor(options: LeftoversOptions) {
    this.#options = options;
  }

  /** Whether there is one to try now. */
  get isReady(): boolean {
    return this.#next() !== undefined;
  }

  /** Finds all but the session that goes on. */
  async find(currentPath: string): Promise<void> {
    const left = await this.#options.marks.listLeft();
    for (const { path, isOurs } of left) if (!isOurs) this.#ofOthers.add(path);
    this.#keep(left.filter(({ path }) => path !== currentPath && !this.#givenUp.has(path)));
  }

  /** From now on, only those that this process left itself. */
  keepOurs(): void {
    this.#keep(this.#waiting.filter(({ path }) => !this.#ofOthers.has(path)));
  }

  /** Sends one of them. `stop` ends it after the request in flight, `cut` that as well. */
  async sendNext(stop: AbortSignal, cut: AbortSignal): Promise<RoundResult> {
    const { clock, report, where } = this.#options;
    const mark = this.#next();
    if (mark === undefined) return { kind: "done" };
    let file: SessionFile | undefined;
    try {
      file = await describeSessionFile(mark.path, where);
    } catch {
      return this.#drop(mark, false);
    }
    if (file === undefined) return this.#drop(mark, true);
    const outcome = await this.#send(mark, file, { totals: "now", stop, cut });
    if (isItsOwnTrouble(outcome)) return this.#drop(mark, false);
    if (isTroubleWithIt(outcome)) {
      this.#restUntil.set(mark.path, clock.now() + restMs);
      return this.#goOn();
    }
    const { result, state } = judge(outcome);
    report({ phase: state.phase, failure: state.failure });
    if (result.kind !== "done") return result;
    // The session before this one may have been writing the last of it.
    const now = await describeSessionFile(mark.path, where).catch(() => undefined);
    if (now && now.size !== file.size) return { kind: "again", afterMs: 0 };
    return this.#drop(mark, state.failure === undefined);
  }

  async #send(mark: Mark, file: SessionFile, options: SendOptions): Promise<SessionOutcome> {
    await this.#options.marks.claim(mark);
    const engine = await this.#options.engine.get();
    let outcome: SessionOutcome = { kind: "unchanged" };
    for await (const event of engine.send(file, options)) {
      if (event.type === "session-done") outcome = event.outcome;
    }
    return outcome;
  }

  /** Done with it: for good, or until the next start. */
  async #drop(mark: Mark, isForGood: boolean): Promise<RoundResult> {
    if (!isForGood) this.#givenUp.add(mark.path);
    else {
      if (mark.isSpooled) await rm(mark.path, { force: true });
      await this.#options.marks.release(mark.path);
    }
    this.#keep(this.#waiting.filter(({ path }) => path !== mark.path));
    if (this.#waiting.length === 0) (await this.#options.engine.get()).tidy();
    return this.#goOn();
  }

  #goOn(): RoundResult {
    return this.isReady ? { kind: "again", afterMs: 0 } : { kind: "done" };
  }

  #next(): LeftMark | undefined {
    const now = this.#options.clock.now();
    return this.#waiting.find(({ path }) => (this.#restUntil.get(path) ?? 0) <= now);
  }

  #keep(waiting: LeftMark[]): void {
    this.#waiting = waiting;
    this.#options.report({ elsewhere: waiting.length });
  }
}

/** Whether any other session may get through, and none is to wait for this one: its file is bad. */
function isItsOwnTrouble(outcome: SessionOutcome): boolean {
  return outcome.kind === "failed" && !(outcome.error instanceof OpenSyncError);
}

/** Whether the server failed on this one; it may well take others, which are not to wait for it. */
function isTroubleWithIt(outcome: SessionOutcome): boolean {
  const error = outcome.kind === "failed" ? outcome.error : undefined;
  return error instanceof OpenSyncError && error.kind === "server";
}
