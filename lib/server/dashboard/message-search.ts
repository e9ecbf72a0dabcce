import type { Database } from "bun:sqlite";
import { matchExpression, messageIdsPerSession } from "../search-index.ts";
import { foldWord } from "./excerpt.ts";
import type { Condition } from "./session-list.ts";

/** Hits of one session, as long as there are others. */
export const sessionHitsMax = 5;
/** So many messages with all words are put in order; more come from the newest sessions alone. */
const matchesMax = 20_000;
/** Messages that are given, for one hit that is wanted. */
const candidatesPerHit = 4;
/** The newest sessions are gone through for so long at the most. */
const walkMsMax = 40;
/** A beginning of words that stand in more messages is not looked up in the index. */
const beginningMatchesMax = 400_000;

/** Messages that may be hits. */
export interface Candidates {
  /** In the order of hits: the sessions where something was said last first, in each the latest. */
  ids: number[];
  /** There may be others. */
  isCut: boolean;
  /** Whether the last word is the beginning of one. Then the text has to be looked at for it. */
  isBeginning: boolean;
}

/**
 * Finds messages that have all words.
 *
 * What stands in few messages is found with all of them. What stands in many is looked for session
 * by session, beginning with the newest, because the index goes by the order of arrival. The index
 * merges the messages of all words that begin alike before it gives the first; where they are very
 * many, the newest messages themselves are faster.
 *
 * @param isOpen whether the last word may be the beginning of one, if it is no word itself
 */
export function createMessageSearch(database: Database) {
  const isWord = database.prepare<unknown, [string]>(
    "SELECT 1 FROM message_search WHERE message_search MATCH ? LIMIT 1",
  );
  const isCommonBeginning = createBeginningCheck(database);
  const byIndex = createIndexSearch(database);
  const walk = createWalk(database);
  const latest = database.prepare<{ id: number }, [number]>(
    "SELECT id FROM messages WHERE session_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
  );

  return (
    words: readonly string[],
    isOpen: boolean,
    where: Condition,
    limit: number,
  ): Candidates => {
    const last = words.at(-1) ?? "";
    const isBeginning = isOpen && !isWord.get(`"${last}"`);
    const count = limit * candidatesPerHit;
    if (!isBeginning || !isCommonBeginning(last)) {
      const match = matchExpression(words, "AND", isBeginning);
      return { ...byIndex(match, isBeginning, where, count), isBeginning };
    }
    const others = words.slice(0, -1);
    const { ids } =
      others.length > 0
        ? byIndex(matchExpression(others, "AND", false), false, where, count)
        : { ids: walk(where, count, (session) => latest.all(session)) };
    return { ids, isCut: true, isBeginning };
  };
}

/** The session of a message. */
export function sessionOf(messageId: number): number {
  return Math.floor(messageId / messageIdsPerSession);
}

function createIndexSearch(database: Database) {
  const count = database.prepare<{ count: number }, [string, number]>(
    `SELECT count(*) AS count FROM (
       SELECT rowid FROM message_search WHERE message_search MATCH ? LIMIT ?)`,
  );
  // Downwards, each of these would take ten times as long.
  const inSession = database.prepare<{ id: number }, [string, number, number]>(
    "SELECT rowid AS id FROM message_search WHERE message_search MATCH ? AND rowid BETWEEN ? AND ?",
  );
  const walk = createWalk(database);

  return (match: string, isBeginning: boolean, where: Condition, wanted: number) => {
    const matches = count.get(match, matchesMax + 1)?.count ?? 0;
    const isCut = matches > matchesMax;
    if (!isCut || isBeginning) return { ids: sortMatches(database, match, where), isCut };
    const ids = walk(where, wanted, (session) => {
      const first = session * messageIdsPerSession;
      const found = inSession.all(match, first, first + messageIdsPerSession - 1);
      return found.slice(-sessionHitsMax).reverse();
    });
    return { ids, isCut };
  };
}

function sortMatches(database: Database, match: string, { sql, bindings }: Condition): number[] {
  return database
    .prepare<{ id: number }, [Condition["bindings"]]>(
      `SELECT found.id AS id
       FROM (SELECT rowid AS id FROM message_search WHERE message_search MATCH $match
             LIMIT $matchesMax) AS found
         CROSS JOIN sessions ON sessions.id = found.id / ${messageIdsPerSession}
       WHERE ${sql} ${newestFirst}, found.id DESC LIMIT $matchesGiven`,
    )
    .all({ ...bindings, match, matchesMax, matchesGiven })
    .map(({ id }) => id);
}

/** Of those that are put in order. */
const matchesGiven = 2000;

const newestFirst = "ORDER BY sessions.last_message_at DESC, sessions.id DESC";

/** Goes through the newest sessions until there are as many messages as wanted. */
function createWalk(database: Database) {
  return (
    { sql, bindings }: Condition,
    wanted: number,
    find: (session: number) => readonly { id: number }[],
  ): number[] => {
    const endMs = performance.now() + walkMsMax;
    const ids: number[] = [];
    const sessions = database.prepare<{ id: number }, [Condition["bindings"]]>(
      `SELECT id FROM sessions WHERE ${sql} ${newestFirst}`,
    );
    for (const { id } of sessions.iterate(bindings)) {
      if (ids.length >= wanted || performance.now() > endMs) break;
      ids.push(...find(id).map((row) => row.id));
    }
    return ids;
  };
}

/** Adds up how many messages have the words that begin so, until there are too many. */
function createBeginningCheck(database: Database): (beginning: string) => boolean {
  database.run(
    `CREATE VIRTUAL TABLE IF NOT EXISTS temp.message_words
     USING fts5vocab('main', 'message_search', 'row')`,
  );
  const counts = database.prepare<{ doc: number }, [string, string]>(
    "SELECT doc FROM temp.message_words WHERE term BETWEEN ? AND ?",
  );
  return (beginning) => {
    let matches = 0;
    const first = foldWord(beginning);
    for (const { doc } of counts.iterate(first, `${first}\u{10ffff}`)) {
      matches += doc;
      if (matches > beginningMatchesMax) return true;
    }
    return false;
  };
}
