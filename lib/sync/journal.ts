import { AppError, messageOf } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import { createJoin } from "./segment-join.ts";
import type { Join } from "./segment-join.ts";
import { SegmentLine } from "./segment-line.ts";
import type { CursorRecord } from "./segment-line.ts";
import { createSegmentSet } from "./segment-set.ts";

export type { CursorRecord };

/**
 * What one server has acknowledged, by session file.
 *
 * A folder of append-only segments. Every process appends to one of its own, and a reader joins
 * them all: of each file the record with the greatest (generation, offset) holds. So any number
 * of processes share a journal without a lock. It is a cache of what the server knows: what is
 * lost or damaged is sent again, no more. Every method may throw AppError "io".
 */
export interface Journal {
  /** Fields of a record are decoded when they are read, so a copy of it must name them. */
  get(path: string): CursorRecord | undefined;
  /** The records of a session: several where its file was moved or copied. */
  findBySession(session: string): CursorRecord[];
  records(): Iterable<CursorRecord>;
  /** When a process last found all of a session acknowledged, in Unix milliseconds. */
  lastSuccessAt(): number | undefined;
  /**
   * Records a cursor; another process sees it when this returns. A cursor behind the known one is
   * dropped, one at the same place replaces it.
   */
  put(record: CursorRecord): void;
  /** Takes in what other processes recorded meanwhile. */
  refresh(): void;
  /**
   * Tidies up where that saves enough to be worth it. It can write and flush the whole journal
   * (3 MB for 10,000 sessions), so call it in a quiet moment, at the end of a backfill for one.
   */
  compact(): void;
  close(): void;
}

/** Opens the journal in a folder, which need not exist yet. */
export function openJournal(dir: string, clock: Pick<Clock, "now">): Journal {
  const join = createJoin();
  const segments = createSegmentSet(dir, () => clock.now(), join);
  let sessions: SessionIndex | undefined;
  const attempt = (doing: string, action: () => void): void => {
    try {
      action();
    } catch (error) {
      throw journalError(dir, doing, error);
    }
  };
  const refresh = (): void => {
    sessions = undefined;
    attempt("read", () => segments.refresh());
  };
  refresh();

  return {
    get: (path) => join.lines.get(path),
    findBySession(session) {
      sessions ??= indexSessions(join);
      const paths = [...(sessions.get(session) ?? [])];
      const records = paths
        .map((path) => join.lines.get(path))
        .filter((line) => line !== undefined);
      return records.filter((record) => record.session === session);
    },
    records: () => join.lines.values(),
    lastSuccessAt: () => findLastSuccess(join),
    put(record) {
      const known = join.lines.get(record.path);
      const completeAt = isComplete(record) ? clock.now() : (known?.completeAt ?? 0);
      const line = SegmentLine.of(record, (known?.revision ?? 0) + 1, completeAt);
      if (!join.add(line)) return;
      if (sessions !== undefined) addToIndex(sessions, line);
      attempt("write to", () => segments.append(line.text));
    },
    refresh,
    compact: () => attempt("compact", () => segments.compact()),
    close: () => segments.close(),
  };
}

/** Whether a file is still as it was when all of it that could be sent was acknowledged. */
export function isUnchanged(record: CursorRecord, size: number, mtimeMs: number): boolean {
  return record.size === size && record.mtimeMs === mtimeMs;
}

/** A record of a session has the file's size once all of it is acknowledged, and none before. */
function isComplete({ session, size }: CursorRecord): boolean {
  return session !== "" && size > 0;
}

function findLastSuccess(join: Join): number | undefined {
  let latest = 0;
  for (const { completeAt } of join.lines.values()) latest = Math.max(latest, completeAt);
  return latest > 0 ? latest : undefined;
}

type SessionIndex = Map<string, Set<string>>;

/** The paths that ever belonged to each session; they are checked again when they are used. */
function indexSessions(join: Join): SessionIndex {
  const index: SessionIndex = new Map();
  for (const line of join.lines.values()) addToIndex(index, line);
  return index;
}

function addToIndex(index: SessionIndex, { session, path }: CursorRecord): void {
  const paths = index.get(session);
  if (paths === undefined) index.set(session, new Set([path]));
  else paths.add(path);
}

function journalError(dir: string, doing: string, error: unknown): AppError {
  return new AppError("io", `Could not ${doing} the cursors in ${dir}: ${messageOf(error)}`, {
    hint: "Check that the disk is not full and that the folder belongs to you.",
    cause: error,
  });
}
