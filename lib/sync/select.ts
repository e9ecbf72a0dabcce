import type { SessionFile } from "../session/discover.ts";

/** Which of the sessions that were found are meant. Times are Unix milliseconds. */
export interface Selection {
  /** A file, or the beginning of a session's id. */
  session?: string | undefined;
  /** Sessions that were written to at this time or later. */
  since?: number | undefined;
  /** Sessions that were written to last at this time or before. */
  until?: number | undefined;
  /** So many at the most, those written to last first. */
  limit?: number | undefined;
}

/** The files that a selection means, in the order that they came in. */
export function selectFiles(files: readonly SessionFile[], selection: Selection): SessionFile[] {
  const { session, since = -Infinity, until = Infinity, limit = Infinity } = selection;
  const chosen = files.filter(
    (file) =>
      file.mtimeMs >= since &&
      file.mtimeMs <= until &&
      (session === undefined || isSession(file, session)),
  );
  if (chosen.length <= limit) return chosen;
  const latest = new Set(chosen.toSorted((a, b) => b.mtimeMs - a.mtimeMs).slice(0, limit));
  return chosen.filter((file) => latest.has(file));
}

/** pi names a session's file `<time>_<id>.jsonl`. */
function isSession({ path }: SessionFile, session: string): boolean {
  if (path === session) return true;
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return name === session || name.slice(name.indexOf("_") + 1).startsWith(session);
}
