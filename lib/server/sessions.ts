import type { Database } from "bun:sqlite";
import { must } from "../assert.ts";
import type { SessionPut, StoredSession } from "../opensync/wire.ts";
import { argumentError } from "./validate.ts";
import { separateWords } from "./words.ts";

/** A call that changes nothing does not even move `updatedAt` within this time (section 4). */
const dedupWindowMs = 10_000;

/** What became of something that was sent. */
export type Outcome = "inserted" | "updated" | "unchanged";

/** A session's row, under the names that the API uses. */
export interface SessionRow {
  id: number;
  externalId: string;
  title: string | null;
  projectPath: string | null;
  projectName: string | null;
  model: string | null;
  provider: string | null;
  source: string;
  promptTokens: number;
  completionTokens: number;
  totalTokens: number;
  cost: number;
  durationMs: number | null;
  messageCount: number;
  createdAt: number;
  updatedAt: number;
  /** When its last message was said; its beginning where it has none. */
  lastMessageAt: number;
}

/** Sessions in the database. */
export interface Sessions {
  /** Stores a session or changes the stored one, by the rules of contract section 4. */
  upsert(put: SessionPut, now: number): { id: number; outcome: Outcome };
  /** A session's id; makes an empty session when a message came first. */
  ensure(put: SessionPut, now: number): number;
  /** Counts a new message, said at `createdAt`; returns how many the session has with it. */
  countMessage(id: number, createdAt: number, now: number): number;
  /** Sets the time of the last change. */
  touch(id: number, now: number): void;
  /** Says that something of the session changed, to those who watch. */
  announce(id: number): void;
  find(id: number): SessionRow | undefined;
  /** The sessions that changed last. */
  list(limit: number): SessionRow[];
  listExternalIds(): string[];
}

/**
 * @param onChange hears the id of a session that changes, within the transaction: it may be undone
 * @see Sessions
 */
export function createSessions(
  database: Database,
  onChange: (id: number) => void = () => {},
): Sessions {
  const statements = prepareStatements(database);

  const add = (put: SessionPut, now: number): number => {
    const session = newSession(put, now);
    const { id } = must(statements.insert.get(session), "the new session's id");
    if (session.title) statements.indexTitle.run(id, separateWords(session.title));
    onChange(id);
    return id;
  };

  return {
    upsert(put, now) {
      const stored = statements.byExternalId.get(put.externalId);
      if (!stored) return { id: add(put, now), outcome: "inserted" };
      const { id, messageCount: _, createdAt: __, lastMessageAt: ___, ...before } = stored;
      const after = mergeSession(before, put);
      const isSame = Bun.deepEquals(before, after);
      if (isSame && now - stored.updatedAt < dedupWindowMs) return { id, outcome: "unchanged" };
      statements.update.run({ ...after, updatedAt: now });
      if (after.title !== before.title)
        statements.indexTitle.run(id, separateWords(after.title ?? ""));
      onChange(id);
      return { id, outcome: "updated" };
    },
    ensure: (put, now) => statements.idOf.get(put.externalId)?.id ?? add(put, now),
    countMessage(id, createdAt, now) {
      onChange(id);
      return must(statements.count.get({ id, createdAt, now }), "the session").messageCount;
    },
    touch(id, now) {
      onChange(id);
      statements.touch.run(now, id);
    },
    announce: onChange,
    find: (id) => statements.byId.get(id) ?? undefined,
    list: (limit) => statements.latest.all(limit),
    listExternalIds: () => statements.externalIds.all().map((row) => row.externalId),
  };
}

/** A session as the API shows it. */
export function presentSession(row: SessionRow): StoredSession {
  const { id, source: _, lastMessageAt: __, ...rest } = row;
  return { ...withoutNulls(rest), id: formatSessionId(id), isPublic: false } as StoredSession;
}

/** An object without the fields that are null: the API leaves out what is not set. */
export function withoutNulls(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}

/** The id under which clients know a session. */
export function formatSessionId(id: number): string {
  return `ses_${id}`;
}

/** @throws Error when the text was not made by {@link formatSessionId} */
export function parseSessionId(text: string): number {
  const id = tryParseSessionId(text);
  if (id !== undefined) return id;
  throw argumentError(
    'Value does not match validator.\nPath: .sessionId\nValidator: v.id("sessions")',
    text,
  );
}

/** What {@link formatSessionId} made the text of; undefined where that made it not. */
export function tryParseSessionId(text: string): number | undefined {
  const digits = /^ses_([1-9]\d{0,8})$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function prepareStatements(database: Database) {
  const columns = `id, external_id AS externalId, title, project_path AS projectPath,
    project_name AS projectName, model, provider, source, prompt_tokens AS promptTokens,
    completion_tokens AS completionTokens, total_tokens AS totalTokens, cost,
    duration_ms AS durationMs, message_count AS messageCount, created_at AS createdAt,
    updated_at AS updatedAt, last_message_at AS lastMessageAt`;
  const select = (rest: string) =>
    database.prepare<SessionRow, [string | number]>(`SELECT ${columns} FROM sessions ${rest}`);
  return {
    byId: select("WHERE id = ?"),
    byExternalId: select("WHERE external_id = ?"),
    latest: select("ORDER BY updated_at DESC, id DESC LIMIT ?"),
    idOf: database.prepare<{ id: number }, [string]>(
      "SELECT id FROM sessions WHERE external_id = ?",
    ),
    externalIds: database.prepare<{ externalId: string }, []>(
      "SELECT external_id AS externalId FROM sessions",
    ),
    insert: database.prepare<{ id: number }, [Bindings]>(
      // The ids of sessions that were removed are not given again.
      `INSERT INTO sessions (id, external_id, title, project_path, project_name, model, provider,
         source, prompt_tokens, completion_tokens, total_tokens, cost, duration_ms, message_count,
         created_at, updated_at, last_message_at)
       SELECT 1 + max(last_removed_session, coalesce((SELECT max(id) FROM sessions), 0)),
         $externalId, $title, $projectPath, $projectName, $model, $provider,
         $source, $promptTokens, $completionTokens, $totalTokens, $cost, $durationMs, 0,
         $createdAt, $updatedAt, $createdAt
       FROM identity
       RETURNING id`,
    ),
    update: database.prepare<undefined, [Bindings]>(
      `UPDATE sessions SET title = $title, project_path = $projectPath,
         project_name = $projectName, model = $model, provider = $provider, source = $source,
         prompt_tokens = $promptTokens, completion_tokens = $completionTokens,
         total_tokens = $totalTokens, cost = $cost, duration_ms = $durationMs,
         updated_at = $updatedAt
       WHERE external_id = $externalId`,
    ),
    count: database.prepare<{ messageCount: number }, [Bindings]>(
      `UPDATE sessions SET message_count = message_count + 1, updated_at = $now,
         last_message_at = iif(message_count, max(last_message_at, $createdAt), $createdAt)
       WHERE id = $id RETURNING message_count AS messageCount`,
    ),
    touch: database.prepare<undefined, [number, number]>(
      "UPDATE sessions SET updated_at = ? WHERE id = ?",
    ),
    indexTitle: database.prepare<undefined, [number, string]>(
      "INSERT OR REPLACE INTO title_search (rowid, title) VALUES (?, ?)",
    ),
  };
}

type Bindings = Record<string, string | number | null>;
type Changeable = Omit<SessionRow, "id" | "messageCount" | "createdAt" | "lastMessageAt">;

function newSession(
  put: SessionPut,
  now: number,
): Omit<SessionRow, "id" | "messageCount" | "lastMessageAt"> & Bindings {
  const source = put.source || "opencode";
  const promptTokens = put.promptTokens ?? 0;
  const completionTokens = put.completionTokens ?? 0;
  return {
    externalId: put.externalId,
    title: put.title ?? null,
    projectPath: put.projectPath ?? null,
    projectName: put.projectName ?? null,
    model: put.model ?? null,
    provider: put.provider ?? null,
    source: source === "cursor" ? "cursor-sync" : source,
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    cost: put.cost ?? 0,
    durationMs: put.durationMs ?? null,
    createdAt: put.createdAt ?? now,
    updatedAt: now,
  };
}

/** The stored session with what was sent. Tokens of 0 or less mean "not sent" to OpenSync. */
function mergeSession(stored: Changeable, put: SessionPut): Changeable {
  const promptTokens = positiveOr(put.promptTokens, stored.promptTokens);
  const completionTokens = positiveOr(put.completionTokens, stored.completionTokens);
  const isTokensSent = (put.promptTokens ?? 0) > 0 || (put.completionTokens ?? 0) > 0;
  return {
    externalId: stored.externalId,
    title: put.title ?? stored.title,
    projectPath: put.projectPath ?? stored.projectPath,
    projectName: put.projectName ?? stored.projectName,
    model: put.model ?? stored.model,
    provider: put.provider ?? stored.provider,
    source: put.source ?? stored.source,
    promptTokens,
    completionTokens,
    totalTokens: isTokensSent ? promptTokens + completionTokens : stored.totalTokens,
    cost: put.cost ?? stored.cost,
    durationMs: put.durationMs ?? stored.durationMs,
    updatedAt: stored.updatedAt,
  };
}

function positiveOr(sent: number | undefined, stored: number): number {
  return sent !== undefined && sent > 0 ? sent : stored;
}
