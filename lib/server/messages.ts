import type { Database } from "bun:sqlite";
import type { Role } from "../opensync/wire.ts";
import { messageIdsPerSession, type SearchIndex } from "./search-index.ts";
import { type Outcome, type Sessions, withoutNulls } from "./sessions.ts";
import type { MessagePart, MessageSnapshot } from "./validate.ts";

/** A message as it is stored, under the names that the API uses. */
export interface StoredMessageRow {
  id: number;
  externalId: string;
  role: Role;
  textContent: string | null;
  model: string | null;
  promptTokens: number | null;
  completionTokens: number | null;
  durationMs: number | null;
  createdAt: number;
  parts: MessagePart[];
}

/** Messages in the database. */
export interface Messages {
  /** Stores a message or changes the stored one, by the rules of contract section 5. */
  upsert(message: MessageSnapshot, now: number): { id: number; outcome: Outcome };
  /** A session's messages by time, those of one time in the order of arrival. */
  list(sessionId: number): StoredMessageRow[];
  /**
   * The same from a number on, `limit` at the most; fewer, but one, where their parts have more than
   * `charsMax` characters.
   */
  listFrom(sessionId: number, from: number, limit: number, charsMax: number): StoredMessageRow[];
  /** A session's prompts, in the same order. */
  listPrompts(sessionId: number): StoredMessageRow[];
  /** Ids of a session's messages, in the same order. */
  listIds(sessionId: number): number[];
  find(id: number): StoredMessageRow | undefined;
  /** How many of its session's messages stand before it. */
  numberOf(id: number): number;
}

const columns = `id, external_id AS externalId, role, text_content AS textContent,
  text_part AS textPart, model, prompt_tokens AS promptTokens,
  completion_tokens AS completionTokens, duration_ms AS durationMs, created_at AS createdAt,
  parts`;

/** @see Messages */
export function createMessages(
  database: Database,
  sessions: Sessions,
  searchIndex: SearchIndex,
): Messages {
  const byExternalId = database.prepare<Row, [number, string]>(
    `SELECT ${columns} FROM messages WHERE session_id = ? AND external_id = ?`,
  );
  const inSession = database.prepare<Row, [number, number]>(
    `SELECT ${columns} FROM messages WHERE id BETWEEN ? AND ? ORDER BY id`,
  );
  const insert = database.prepare<undefined, [Row & Bindings]>(
    `INSERT INTO messages (id, session_id, external_id, role, text_content, text_part, model,
       prompt_tokens, completion_tokens, duration_ms, created_at, parts)
     VALUES ($id, $sessionId, $externalId, $role, $textContent, $textPart, $model,
       $promptTokens, $completionTokens, $durationMs, $createdAt, $parts)`,
  );
  const update = database.prepare<undefined, [Bindings]>(
    `UPDATE messages SET text_content = $textContent, text_part = $textPart, model = $model,
       prompt_tokens = $promptTokens, completion_tokens = $completionTokens,
       duration_ms = $durationMs, parts = $parts
     WHERE id = $id`,
  );

  const add = (message: MessageSnapshot, sessionId: number, now: number): number => {
    const number = sessions.countMessage(sessionId, message.createdAt ?? now, now);
    if (number >= messageIdsPerSession)
      throw new Error("Too many messages in a session: too large");
    const row = newRow(sessionId * messageIdsPerSession + number, message, now);
    insert.run({ ...row, sessionId });
    searchIndex.mark(row.id, "inserted", row.parts.length);
    return row.id;
  };

  const change = (before: Row, message: MessageSnapshot): Outcome => {
    const after = mergeRow(before, message);
    if (Bun.deepEquals(before, after)) return "unchanged";
    const { externalId: _, role: __, createdAt: ___, ...changeable } = after;
    update.run(changeable);
    searchIndex.mark(after.id, "updated", after.parts.length);
    return "updated";
  };

  return {
    upsert(message, now) {
      const { sessionExternalId, externalId, model, source } = message;
      const session = {
        externalId: sessionExternalId,
        ...(model !== undefined && { model }),
        ...(source !== undefined && { source }),
      };
      const sessionId = sessions.ensure(session, now);
      const stored = byExternalId.get(sessionId, externalId);
      if (!stored) return { id: add(message, sessionId, now), outcome: "inserted" };
      const outcome = change(stored, message);
      if (outcome === "updated" && hasText(message)) sessions.touch(sessionId, now);
      else if (outcome === "updated") sessions.announce(sessionId);
      return { id: stored.id, outcome };
    },
    list(sessionId) {
      const first = sessionId * messageIdsPerSession;
      const rows = inSession.all(first, first + messageIdsPerSession - 1);
      return rows.map(openRow).sort((a, b) => a.createdAt - b.createdAt);
    },
    ...createReader(database),
  };
}

type Reader = Pick<Messages, "listFrom" | "listPrompts" | "listIds" | "find" | "numberOf">;

/** Reads pieces of sessions. */
function createReader(database: Database): Reader {
  const select = (rest: string) =>
    database.prepare<Row, number[]>(`SELECT ${columns} FROM messages WHERE ${rest}`);
  const from = select("session_id = ? ORDER BY created_at, id LIMIT ? OFFSET ?");
  const prompts = select("session_id = ? AND role = 'user' ORDER BY created_at, id");
  const byId = select("id = ?");
  const ids = database.prepare<{ id: number }, [number]>(
    "SELECT id FROM messages WHERE session_id = ? ORDER BY created_at, id",
  );
  const before = database.prepare<{ number: number }, [number]>(
    `SELECT count(*) AS number FROM messages AS m JOIN messages AS other
       ON other.session_id = m.session_id
         AND (other.created_at, other.id) < (m.created_at, m.id)
     WHERE m.id = ?`,
  );
  return {
    listFrom(sessionId, start, limit, charsMax) {
      const rows: StoredMessageRow[] = [];
      let chars = 0;
      for (const row of from.iterate(sessionId, limit, start)) {
        chars += row.parts.length + (row.textContent?.length ?? 0);
        if (rows.length > 0 && chars > charsMax) break;
        rows.push(openRow(row));
      }
      return rows;
    },
    listPrompts: (sessionId) => prompts.all(sessionId).map(openRow),
    listIds: (sessionId) => ids.all(sessionId).map(({ id }) => id),
    find(id) {
      const row = byId.get(id);
      return row ? openRow(row) : undefined;
    },
    numberOf: (id) => before.get(id)?.number ?? 0,
  };
}

/** A message as the API shows it. */
export function presentMessage({ id, ...rest }: StoredMessageRow): object {
  return { id: formatMessageId(id), ...withoutNulls(rest) };
}

/** The id under which clients know a message. */
export function formatMessageId(id: number): string {
  return `msg_${id}`;
}

/** What {@link formatMessageId} made the text of; undefined where that made it not. */
export function parseMessageId(text: string): number | undefined {
  const digits = /^msg_([1-9]\d{0,14})$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

type Bindings = Record<string, string | number | null>;

/**
 * A message's row. Most messages say the same in `textContent` and in a text part: such a text
 * is stored once, and `textPart` says which part holds it.
 */
interface Row extends Omit<StoredMessageRow, "parts"> {
  textPart: number | null;
  parts: string;
}

function newRow(id: number, message: MessageSnapshot, now: number): Row {
  const parts = message.parts ?? [];
  return {
    id,
    externalId: message.externalId,
    role: message.role,
    ...foldText(parts, message.textContent ?? null),
    model: message.model ?? null,
    promptTokens: message.promptTokens ?? null,
    completionTokens: message.completionTokens ?? null,
    durationMs: message.durationMs ?? null,
    createdAt: message.createdAt ?? now,
    parts: JSON.stringify(parts),
  };
}

/** The stored row with what was sent: what is left out stays, `parts: []` removes all parts. */
function mergeRow(row: Row, message: MessageSnapshot): Row {
  const stored = openRow(row);
  const parts = message.parts ?? stored.parts;
  return {
    ...row,
    ...foldText(parts, message.textContent ?? stored.textContent),
    model: message.model ?? row.model,
    promptTokens: message.promptTokens ?? row.promptTokens,
    completionTokens: message.completionTokens ?? row.completionTokens,
    durationMs: message.durationMs ?? row.durationMs,
    parts: message.parts ? JSON.stringify(parts) : row.parts,
  };
}

function foldText(
  parts: MessagePart[],
  text: string | null,
): { textPart: number | null; textContent: string | null } {
  const index = text ? parts.findIndex((part) => part.content === text) : -1;
  return index < 0 ? { textPart: null, textContent: text } : { textPart: index, textContent: null };
}

function openRow({ textPart, ...row }: Row): StoredMessageRow {
  const parts = JSON.parse(row.parts) as MessagePart[];
  const text = textPart === null ? row.textContent : (parts[textPart]?.content as string);
  return { ...row, textContent: text, parts };
}

function hasText(message: MessageSnapshot): boolean {
  return message.parts?.some((part) => part.type === "text") ?? false;
}
