import type { Database } from "bun:sqlite";
import type {
  Facet,
  Facets,
  SessionLink,
  SessionPage,
  SessionQuery,
  SessionSummary,
  SortField,
} from "../../dashboard/api.ts";
import { formatSessionId } from "../sessions.ts";
import type { Filters, PageQuery } from "./query.ts";

/** Values of one facet that are given. */
const facetsMax = 500;
/** Forks of one session that are given, and sessions whose ids begin alike that are looked at. */
const relativesMax = 100;

/** Sessions as the dashboard lists them. */
export interface SessionList {
  page(query: SessionQuery & PageQuery): SessionPage;
  facets(): Facets;
  find(id: number): SessionSummary | undefined;
  /** The id of the session that a client named so. */
  idOf(externalId: string): number | undefined;
  /** What was forked from a session. */
  forksOf(session: SessionSummary): SessionLink[];
  /** The sessions that cost most. */
  mostExpensive(filter: Condition, limit: number): SessionSummary[];
}

/** A condition on `sessions`, in SQL. */
export interface Condition {
  sql: string;
  bindings: Record<string, string | number>;
}

/** @see SessionList */
export function createSessionList(database: Database): SessionList {
  const byId = select(database, "id = $id");
  const byExternalId = database.prepare<{ id: number }, [string]>(
    "SELECT id FROM sessions WHERE external_id = ?",
  );
  // Only ids of pi's client are put before the titles of forks.
  const candidates = database.prepare<Candidate, [string, string]>(
    `SELECT id, external_id AS externalId, title, project FROM sessions
     WHERE external_id BETWEEN ? AND ? AND instr(external_id, ':part-') = 0 LIMIT ${relativesMax}`,
  );
  const forks = select(database, `fork_of = $forkOf ORDER BY created_at LIMIT ${relativesMax}`);

  const parentOf = ({ id, forkOf, project }: Row): SessionLink | undefined => {
    if (!forkOf) return undefined;
    const first = `pi:${forkOf}`;
    const all = candidates
      .all(first, `${first}\u{10ffff}`)
      .filter((other) => other.id !== id && forkName(other.externalId) === forkOf);
    const near = all.filter((other) => other.project === project);
    // So few digits tell the minute that a session began in, so there may be several.
    const [parent, ...others] = near.length > 0 ? near : all;
    return parent && others.length === 0 ? toLink(parent) : undefined;
  };
  const present = (row: Row): SessionSummary => {
    const parent = parentOf(row);
    return { ...toSummary(row), ...(parent && { parent }) };
  };

  return {
    page(query) {
      const { sql, bindings } = toCondition(query);
      const order = orderOf(query.sort ?? "time", query.isReversed ?? false);
      const rows = database
        .prepare<Row, [Bindings]>(
          `SELECT ${columns} FROM sessions WHERE ${sql} ORDER BY ${order} LIMIT $limit OFFSET $offset`,
        )
        .all({ ...bindings, limit: query.limit, offset: query.offset });
      const total = database
        .prepare<{ total: number }, [Bindings]>(
          `SELECT count(*) AS total FROM sessions WHERE ${sql}`,
        )
        .get(bindings)?.total;
      return { sessions: rows.map(present), total: total ?? 0 };
    },
    facets: () => ({
      projects: readFacet(database, "project"),
      models: readFacet(database, "coalesce(model, '')"),
      sources: readFacet(database, "source"),
    }),
    find(id) {
      const row = byId.get({ id });
      return row ? present(row) : undefined;
    },
    idOf: (externalId) => byExternalId.get(externalId)?.id,
    forksOf: ({ id, externalId }) =>
      forks
        .all({ forkOf: forkName(externalId) ?? "" })
        .map(present)
        .filter((fork) => fork.parent?.id === id)
        .map(({ id, title }) => ({ id, title })),
    mostExpensive: ({ sql, bindings }, limit) =>
      select(database, `cost > 0 AND ${sql} ORDER BY cost DESC LIMIT $limit`)
        .all({ ...bindings, limit })
        .map(present),
  };
}

/** The condition that a query's filters make. */
export function toCondition(filters: Filters): Condition {
  const terms = Object.entries(filterTerms).filter(
    ([name]) => filters[name as keyof Filters] !== undefined,
  );
  return {
    sql: ["true", ...terms.map(([, sql]) => sql)].join(" AND "),
    bindings: Object.fromEntries(
      terms.map(([name]) => [name, filters[name as keyof Filters] ?? ""]),
    ),
  };
}

/** Sessions of one source are too many for the index to help: "+" keeps SQLite from it. */
const filterTerms: Record<keyof Filters, string> = {
  project: "project = $project",
  model: "coalesce(model, '') = $model",
  source: "+source = $source",
  from: "last_message_at >= $from",
  to: "min(created_at, last_message_at) < $to",
};

/** A time that a page can show: there is no date beyond. */
export function presentTime(time: number): number {
  return Math.max(-timeMax, Math.min(timeMax, time));
}

const timeMax = 8.64e15;

/** A sum that JSON can say. */
export function presentAmount(amount: number): number {
  return Number.isFinite(amount) ? amount : 0;
}

/** Longer titles are cut: a list of them would be too large. */
const columns = `id, external_id AS externalId, substr(title, 1, 300) AS title,
  coalesce(project_path, '') AS projectPath, coalesce(project_name, '') AS projectName, project,
  coalesce(model, '') AS model, coalesce(provider, '') AS provider, source, fork_of AS forkOf,
  message_count AS messages, prompt_tokens AS promptTokens, completion_tokens AS completionTokens,
  cost, created_at AS createdAt, last_message_at AS lastMessageAt`;

interface Row extends Omit<SessionSummary, "id" | "title" | "isSubagent" | "parent"> {
  id: number;
  title: string | null;
  project: string;
  forkOf: string | null;
}

type Candidate = Pick<Row, "id" | "externalId" | "title" | "project">;
type Bindings = Record<string, string | number>;

function select(database: Database, rest: string) {
  return database.prepare<Row, [Bindings]>(`SELECT ${columns} FROM sessions WHERE ${rest}`);
}

function toSummary({ project: _, forkOf: __, ...row }: Row): SessionSummary {
  return {
    ...row,
    ...toLink(row),
    promptTokens: presentAmount(row.promptTokens),
    completionTokens: presentAmount(row.completionTokens),
    cost: presentAmount(row.cost),
    createdAt: presentTime(row.createdAt),
    lastMessageAt: presentTime(row.lastMessageAt),
    isSubagent: row.title?.startsWith("[Subagent] ") ?? false,
  };
}

function toLink({ id, title }: Pick<Row, "id" | "title">): SessionLink {
  return { id: formatSessionId(id), title: title || "Untitled" };
}

/**
 * What of a session's id stands in the titles of its forks: eight characters of pi's own id. An id
 * that is no UUID has a hash behind it.
 */
function forkName(externalId: string): string | undefined {
  const [, name] = /^pi:(.+)$/.exec(externalId) ?? [];
  return name?.replace(/(?<!-[\da-f]{4})-[\da-f]{12}$/, "").slice(0, 8);
}

function orderOf(sort: SortField, isReversed: boolean): string {
  const [column, direction] = orders[sort];
  const other = direction === "ASC" ? "DESC" : "ASC";
  return `${column} ${isReversed ? other : direction}, id ${isReversed ? "ASC" : "DESC"}`;
}

/** A title as the page shows it, without what pi's client puts before it. */
const plainTitle = `coalesce(nullif(CASE
    WHEN fork_of IS NOT NULL THEN substr(title, instr(title, fork_of || '] ') + length(fork_of) + 2)
    WHEN title GLOB '[[]Subagent] *' THEN substr(title, 12)
    ELSE title
  END, ''), 'Untitled')`;

const orders: Record<SortField, [column: string, direction: "ASC" | "DESC"]> = {
  time: ["last_message_at", "DESC"],
  title: [`${plainTitle} COLLATE NOCASE`, "ASC"],
  project: ["project COLLATE NOCASE", "ASC"],
  model: ["coalesce(model, '')", "ASC"],
  messages: ["message_count", "DESC"],
  tokens: ["prompt_tokens + completion_tokens", "DESC"],
  cost: ["cost", "DESC"],
};

function readFacet(database: Database, column: string): Facet[] {
  return database
    .prepare<Facet, []>(
      `SELECT ${column} AS value, count(*) AS sessions FROM sessions
       GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${facetsMax}`,
    )
    .all();
}
