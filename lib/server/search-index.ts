import type { Database } from "bun:sqlite";
import { searchText } from "./text.ts";
import type { MessagePart } from "./validate.ts";
import { separateWords, splitWords } from "./words.ts";

/** How many message ids each session has; see the first migration. */
export const messageIdsPerSession = 2 ** 20;

/** What may wait for the full-text index. It bounds how long a search or a write can be held up. */
const pendingMessagesMax = 2000;
const pendingCharsMax = 4_000_000;

/**
 * Full-text search over titles and messages.
 *
 * FTS5 takes messages in the hundreds twice as fast as one by one, so new ones wait in
 * `search_pending`, written in the transaction that stores them. A search first brings the index
 * up to date, so nobody can see that.
 */
export interface SearchIndex {
  /** Marks a message as new or changed; part of the transaction that stores it. */
  mark(messageId: number, outcome: "inserted" | "updated", chars: number): void;
  /** Whether as much waits as may wait. */
  isFull(): boolean;
  /** Whether anything waits. */
  isPending(): boolean;
  /** Indexes what waits. */
  update(): void;
  /**
   * Ids of the sessions that hold all words of the query, then of those that hold any of them:
   * by title first, then the newest. The last word may be the beginning of one: always in titles,
   * in messages if none holds it as a whole word.
   */
  search(query: string, limit: number): number[];
}

/** @see SearchIndex */
export function createSearchIndex(database: Database): SearchIndex {
  // A message that waits already is as much in the index as it was when it began to wait.
  const markPending = database.prepare<undefined, [number, boolean]>(
    "INSERT OR IGNORE INTO search_pending (message_id, is_indexed) VALUES (?, ?)",
  );
  // CROSS keeps SQLite from going through all messages to find those that wait.
  const pending = database.prepare<PendingRow, []>(
    `SELECT id, is_indexed AS isIndexed, text_content AS textContent, parts
     FROM search_pending CROSS JOIN messages ON id = message_id ORDER BY message_id`,
  );
  const clearPending = database.prepare("DELETE FROM search_pending");
  const insertText = database.prepare<undefined, [number, string]>(
    "INSERT INTO message_search (rowid, text) VALUES (?, ?)",
  );
  const deleteText = database.prepare<undefined, [number]>(
    "DELETE FROM message_search WHERE rowid = ?",
  );
  const titles = database.prepare<{ id: number }, [string, number]>(
    "SELECT rowid AS id FROM title_search WHERE title_search MATCH ? ORDER BY rank LIMIT ?",
  );
  const messages = database.prepare<{ id: number }, [string]>(
    "SELECT rowid AS id FROM message_search WHERE message_search MATCH ? ORDER BY rowid DESC",
  );

  // What a process that was killed left waiting is not counted, so assume the most.
  let waiting = { messages: pendingMessagesMax, chars: 0 };
  const indexPending = database.transaction(() => {
    for (const { id, isIndexed, textContent, parts } of pending.all()) {
      if (isIndexed) deleteText.run(id);
      const text = searchText(JSON.parse(parts) as MessagePart[], textContent);
      insertText.run(id, separateWords(text));
    }
    clearPending.run();
  });
  const update = (): void => {
    if (waiting.messages === 0) return;
    indexPending.immediate();
    waiting = { messages: 0, chars: 0 };
  };

  const collect = (query: Query, operator: "AND" | "OR", found: Set<number>): void => {
    const { words, isBeginning, limit } = query;
    for (const { id } of titles.all(matchExpression(words, operator, true), limit)) {
      if (found.size < limit) found.add(id);
    }
    if (found.size >= limit) return;
    for (const { id } of messages.iterate(matchExpression(words, operator, isBeginning))) {
      found.add(Math.floor(id / messageIdsPerSession));
      if (found.size >= limit) return;
    }
  };

  return {
    mark(messageId, outcome, chars) {
      markPending.run(messageId, outcome === "updated");
      waiting.messages += 1;
      waiting.chars += chars;
    },
    isFull: () => waiting.messages >= pendingMessagesMax || waiting.chars >= pendingCharsMax,
    isPending: () => waiting.messages > 0,
    update,
    search(query, limit) {
      const words = splitWords(query);
      const last = words.at(-1);
      if (last === undefined || limit === 0) return [];
      update();
      // Among messages, to look up all that a common word begins takes far longer than the word.
      const isBeginning = !messages.get(`"${last}"`);
      const found = new Set<number>();
      collect({ words, isBeginning, limit }, "AND", found);
      if (words.length > 1 && found.size < limit) {
        collect({ words, isBeginning, limit }, "OR", found);
      }
      return [...found];
    },
  };
}

interface Query {
  words: readonly string[];
  /** Whether the last word may be the beginning of one in messages. */
  isBeginning: boolean;
  limit: number;
}

interface PendingRow {
  id: number;
  isIndexed: number;
  textContent: string | null;
  parts: string;
}

/** What FTS5 is asked for. The last word may be the beginning of one, if it is not too short. */
export function matchExpression(
  words: readonly string[],
  operator: "AND" | "OR",
  isBeginning: boolean,
): string {
  const terms = words.map((word) => `"${word}"`).join(` ${operator} `);
  const last = words.at(-1) ?? "";
  return isBeginning && last.length >= beginningCharsMin ? `${terms}*` : terms;
}

/** Shorter beginnings stand for so many words that looking them all up takes too long. */
const beginningCharsMin = 3;
