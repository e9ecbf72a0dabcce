import type { Database } from "bun:sqlite";
import type { MessageView, SearchHit, SearchPage, SessionSummary } from "../../dashboard/api.ts";
import { formatMessageId, type Messages } from "../messages.ts";
import { matchExpression, type SearchIndex } from "../search-index.ts";
import { searchText } from "../text.ts";
import type { MessagePart } from "../validate.ts";
import { splitWords } from "../words.ts";
import { foldWord, fits, takeExcerpt, type Wanted } from "./excerpt.ts";
import { createMessageSearch, sessionHitsMax, sessionOf } from "./message-search.ts";
import type { Filters } from "./query.ts";
import { type Condition, presentTime, type SessionList, toCondition } from "./session-list.ts";

/** Titles among the hits, as long as there are others. */
const titleHitsMax = 10;
/** Texts of messages that are looked through, and for how long. */
const textsMax = 300;
const textsMsMax = 50;

/** Search over messages and titles for the dashboard. */
export type Search = (text: string, filters: Filters, limit: number) => SearchPage;

/**
 * Prepares the search: all words of a text, the last of which may be the beginning of one, where
 * that is no word itself; in quotes, words that follow each other. The sessions where something was
 * said last come first, and in each the latest messages.
 */
export function createSearch(services: SearchServices): Search {
  const { searchIndex, sessions } = services;
  const findTitles = createTitleSearch(services.database);
  const findMessages = createMessageSearch(services.database);
  const examine = createExaminer(services);

  return (text, filters, limit) => {
    const startedAt = performance.now();
    const words = splitWords(text);
    const found: SearchHits = { hits: [], isCut: false };
    if (words.length > 0) {
      searchIndex.update();
      const where = toCondition(filters);
      const isOpen = !/"\s*$/.test(text);
      const titles = findTitles(matchExpression(words, "AND", isOpen), where, limit + 1).flatMap(
        (id) => titleHit(sessions.find(id), readWanted(text, isOpen)) ?? [],
      );
      const { isBeginning, ...candidates } = findMessages(words, isOpen, where, limit);
      const wanted = readWanted(text, isBeginning);
      const said = collect(candidates.ids, limit, (id) => examine(id, wanted));
      const titlesShown = Math.max(titleHitsMax, limit - said.hits.length);
      found.hits = [...titles.slice(0, titlesShown), ...said.hits].slice(0, limit);
      const all = titles.length + said.hits.length;
      found.isCut = candidates.isCut || said.isCut || found.hits.length < all;
    }
    return { ...found, tookMs: performance.now() - startedAt };
  };
}

type SearchHits = Pick<SearchPage, "hits" | "isCut">;

interface SearchServices {
  database: Database;
  searchIndex: SearchIndex;
  sessions: SessionList;
  messages: Messages;
}

function readWanted(text: string, isBeginning: boolean): Wanted {
  const words = splitWords(text).map(foldWord);
  const phrases = Array.from(text.matchAll(/"([^"]*)"/g), ([, phrase = ""]) =>
    splitWords(phrase).map(foldWord),
  );
  return {
    words: [...new Set(words)],
    beginning: isBeginning ? (words.at(-1) ?? "") : "",
    phrases: phrases.filter((phrase) => phrase.length > 1),
  };
}

function titleHit(session: SessionSummary | undefined, wanted: Wanted): SearchHit | undefined {
  if (!session || !fits(session.title, wanted)) return undefined;
  return { session, ...takeExcerpt(session.title, wanted) };
}

function createTitleSearch(database: Database) {
  return (match: string, { sql, bindings }: Condition, limit: number): number[] =>
    database
      .prepare<{ id: number }, [Condition["bindings"]]>(
        `SELECT id FROM sessions WHERE ${sql}
           AND id IN (SELECT rowid FROM title_search WHERE title_search MATCH $match)
         ORDER BY last_message_at DESC, id DESC LIMIT $limit`,
      )
      .all({ ...bindings, match, limit })
      .map(({ id }) => id);
}

/** Makes hits of messages, in their order: a few of each session first, then more as there is room. */
function collect(
  ids: readonly number[],
  limit: number,
  examine: (id: number) => SearchHit | undefined,
): SearchHits {
  const endMs = performance.now() + textsMsMax;
  const hits = new Map<number, SearchHit>();
  const queue = fewOfEach(ids);
  let examined = 0;
  for (const id of queue) {
    if (hits.size >= limit || examined >= textsMax || performance.now() > endMs) break;
    examined += 1;
    const hit = examine(id);
    if (hit) hits.set(id, hit);
  }
  return { hits: ids.flatMap((id) => hits.get(id) ?? []), isCut: examined < queue.length };
}

function fewOfEach(ids: readonly number[]): number[] {
  const counts = new Map<number, number>();
  const [few, more]: [number[], number[]] = [[], []];
  for (const id of ids) {
    const session = sessionOf(id);
    const count = (counts.get(session) ?? 0) + 1;
    counts.set(session, count);
    (count <= sessionHitsMax ? few : more).push(id);
  }
  return [...few, ...more];
}

function createExaminer({ database, sessions, messages }: SearchServices) {
  const byId = database.prepare<StoredText, [number]>(
    `SELECT role, created_at AS createdAt, text_content AS textContent, parts
     FROM messages WHERE id = ?`,
  );
  return (id: number, wanted: Wanted): SearchHit | undefined => {
    const row = byId.get(id);
    const session = sessions.find(sessionOf(id));
    if (!row || !session) return undefined;
    const text = searchText(JSON.parse(row.parts) as MessagePart[], row.textContent);
    if (!fits(text, wanted)) return undefined;
    return {
      session,
      message: {
        id: formatMessageId(id),
        index: messages.numberOf(id),
        role: row.role,
        createdAt: presentTime(row.createdAt),
      },
      ...takeExcerpt(text, wanted),
    };
  };
}

interface StoredText {
  role: MessageView["role"];
  createdAt: number;
  textContent: string | null;
  parts: string;
}
