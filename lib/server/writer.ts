import type { Database } from "bun:sqlite";
import type { SearchIndex } from "./search-index.ts";

/** Jobs that share a transaction; more would hold up reading for too long. */
const groupMax = 256;
/** How long messages wait for the full-text index when no search asks for them earlier. */
const indexDelayMs = 500;

/** Writes to the database, in the order in which they came. */
export interface Writer {
  /**
   * Runs a job in a transaction and resolves with its result once that is committed. Jobs that
   * come at the same time share one, so a job must be able to run twice.
   */
  write<T>(job: () => T): Promise<T>;
  /** Commits and indexes all that waits. */
  flush(): void;
}

/** @see Writer */
export function createWriter(database: Database, searchIndex: SearchIndex): Writer {
  let waiting: Job[] = [];
  let isScheduled = false;
  let indexTimer: ReturnType<typeof setTimeout> | undefined;
  const runInTransaction = database.transaction((jobs: readonly Job[]) =>
    jobs.map((job) => job.run()),
  );

  const commit = (jobs: readonly Job[]): void => {
    try {
      const results = runInTransaction.immediate(jobs);
      for (const [i, job] of jobs.entries()) job.resolve(results[i]);
    } catch (error) {
      // A job that cannot be done must not take the others with it, so each gets its own try.
      if (jobs.length > 1) for (const job of jobs) commit([job]);
      else jobs[0]?.reject(error);
    }
  };

  const updateIndex = (): void => {
    clearTimeout(indexTimer);
    indexTimer = undefined;
    try {
      searchIndex.update();
    } catch {
      // What cannot be indexed now waits on, and a search that needs it says why.
    }
  };

  const runGroup = (): void => {
    isScheduled = false;
    commit(waiting.splice(0, groupMax));
    if (waiting.length > 0) schedule();
    if (searchIndex.isFull()) updateIndex();
    else if (searchIndex.isPending()) indexTimer ??= setTimeout(updateIndex, indexDelayMs).unref();
  };

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(runGroup);
  };

  return {
    write: (run) =>
      new Promise((resolve, reject) => {
        waiting.push({ run, resolve: resolve as Job["resolve"], reject });
        schedule();
      }),
    flush() {
      while (waiting.length > 0) commit(waiting.splice(0, groupMax));
      updateIndex();
    },
  };
}

interface Job {
  run: () => unknown;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}
