import { readdirSync } from "node:fs";
import type { CursorRecord, Journal } from "../../lib/sync/journal.ts";

/** A clock that stands until it is moved. */
export function manualClock(): { now(): number; advance(ms: number): void } {
  let nowMs = 1_760_000_000_000;
  return { now: () => nowMs, advance: (ms) => (nowMs += ms) };
}

/** A cursor record, plain but for the changes. */
export function cursor(path: string, changes: Partial<CursorRecord> = {}): CursorRecord {
  return {
    path,
    session: "s",
    generation: 0,
    offset: 0,
    size: 0,
    mtimeMs: 0,
    state: null,
    ...changes,
  };
}

/** The names of a journal's segments. */
export function segmentsOf(dir: string): string[] {
  return readdirSync(dir).sort();
}

/** The offset of every path. */
export function offsetsOf(journal: Journal): Record<string, number> {
  return Object.fromEntries([...journal.records()].map(({ path, offset }) => [path, offset]));
}
