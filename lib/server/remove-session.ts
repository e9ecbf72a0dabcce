import type { Database } from "bun:sqlite";
import type { ReadServices } from "./read-routes.ts";
import { json, jsonError } from "./respond.ts";
import { messageIdsPerSession } from "./search-index.ts";
import { parseSessionId } from "./sessions.ts";

/** What a handler works on that removes. */
export interface RemoveServices extends ReadServices {
  /** Removes a session and tells those who watch; false where there is none. */
  removeSession: (id: number) => Promise<boolean>;
}

/** `DELETE /api/sessions?id=ses_…`, which OpenSync has not. */
export async function deleteSession(
  { removeSession }: RemoveServices,
  query: URLSearchParams,
): Promise<Response> {
  const id = query.get("id");
  if (!id) return jsonError("Missing session ID", 400);
  if (await removeSession(parseSessionId(id))) return json({ ok: true });
  return jsonError("Session not found", 404);
}

/** Empties the file of latest changes, which holds what was removed; to be called after a removal. */
export function emptyJournal(database: Database): void {
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

/**
 * Prepares the removal of sessions with their messages and all that finds them; to be called in a
 * transaction. The function says whether there was such a session.
 *
 * A client does not learn of it: where the session goes on, its next call makes a new session, with
 * a new id and what comes from then on.
 */
export function createRemover(database: Database): (id: number) => boolean {
  // What was never indexed must not be taken out of the index.
  const removeWords = database.prepare<undefined, [number, number]>(
    `DELETE FROM message_search WHERE rowid IN (
       SELECT id FROM messages LEFT JOIN search_pending ON message_id = id
       WHERE id BETWEEN ? AND ? AND coalesce(is_indexed, 1))`,
  );
  const removePending = database.prepare<undefined, [number, number]>(
    "DELETE FROM search_pending WHERE message_id BETWEEN ? AND ?",
  );
  const removeTitle = database.prepare<undefined, [number]>(
    "DELETE FROM title_search WHERE rowid = ?",
  );
  const remove = database.prepare<undefined, [number]>("DELETE FROM sessions WHERE id = ?");
  const keepId = database.prepare<undefined, [number]>(
    "UPDATE identity SET last_removed_session = max(last_removed_session, ?)",
  );
  return (id) => {
    const first = id * messageIdsPerSession;
    const last = first + messageIdsPerSession - 1;
    removeWords.run(first, last);
    removePending.run(first, last);
    removeTitle.run(id);
    // A session is removed for what stands in it, so its bytes do not stay in the file either; of
    // the indexes only words remain, until they merge.
    database.run("PRAGMA secure_delete = ON");
    try {
      const isThere = remove.run(id).changes > 0;
      if (isThere) keepId.run(id);
      return isThere;
    } finally {
      database.run("PRAGMA secure_delete = OFF");
    }
  };
}
