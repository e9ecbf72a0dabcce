import type { Database } from "bun:sqlite";
import type { Overview, Usage } from "../../dashboard/api.ts";
import type { Filters } from "./query.ts";
import { type Condition, presentAmount, type SessionList } from "./session-list.ts";

/** Models and projects that are named; a chart of more says nothing. */
const groupsMax = 200;
const toolsMax = 50;
const sessionsMax = 10;
/** Days that did nothing are filled in as long as there are not more in all: a clock may be wrong. */
const daysMax = 4000;
/** All time zones begin their days at a multiple of it. */
const quarterMs = 15 * 60_000;

/**
 * Sums over the sessions that began in a time span. A session counts whole on the day when it
 * began: its cost is known for all of it alone. Days are those of this machine, as it is the person's.
 */
export function readOverview(
  database: Database,
  sessions: SessionList,
  span: Pick<Filters, "from" | "to">,
): Overview {
  const began = beganIn(span);
  const [totals] = readUsage(database, "''", began);
  return {
    totals: { ...usageOf(totals ?? noUsage), messages: totals?.messages ?? 0 },
    days: toDays(readUsage(database, `CAST(created_at / ${quarterMs} AS INTEGER)`, began)),
    models: rank(database, "coalesce(nullif(model, ''), 'unknown')", began).map((group) =>
      Object.assign({ model: String(group.key) }, usageOf(group)),
    ),
    projects: rank(database, "project", began).map((group) =>
      Object.assign({ project: String(group.key) }, usageOf(group)),
    ),
    tools: readTools(database, began),
    mostExpensive: sessions.mostExpensive(began, sessionsMax),
  };
}

interface Group extends Usage {
  key: string | number;
  messages: number;
}

const noUsage: Usage = { sessions: 0, promptTokens: 0, completionTokens: 0, cost: 0 };

function beganIn({ from, to }: Pick<Filters, "from" | "to">): Condition {
  const terms = [
    ...(from === undefined ? [] : ["created_at >= $from"]),
    ...(to === undefined ? [] : ["created_at < $to"]),
  ];
  return {
    sql: ["true", ...terms].join(" AND "),
    bindings: { ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
  };
}

function readUsage(database: Database, key: string, where: Condition, rest = ""): Group[] {
  const groups = database
    .prepare<Group, [Condition["bindings"]]>(
      `SELECT ${key} AS key, count(*) AS sessions, sum(message_count) AS messages,
         sum(prompt_tokens) AS promptTokens, sum(completion_tokens) AS completionTokens,
         sum(cost) AS cost
       FROM sessions WHERE ${where.sql} GROUP BY 1 ${rest}`,
    )
    .all(where.bindings);
  return groups.map((group) => Object.assign(group, usageOf(group)));
}

function usageOf({ sessions, promptTokens, completionTokens, cost }: Usage): Usage {
  return {
    sessions,
    promptTokens: presentAmount(promptTokens),
    completionTokens: presentAmount(completionTokens),
    cost: presentAmount(cost),
  };
}

function rank(database: Database, key: string, where: Condition): Group[] {
  return readUsage(database, key, where, `ORDER BY cost DESC, sessions DESC LIMIT ${groupsMax}`);
}

function readTools(database: Database, { sql, bindings }: Condition): Overview["tools"] {
  const isAll = Object.keys(bindings).length === 0;
  const chosen = isAll ? "true" : `session_id IN (SELECT id FROM sessions WHERE ${sql})`;
  return database
    .prepare<{ name: string; calls: number }, [Condition["bindings"]]>(
      `SELECT tool AS name, sum(calls) AS calls FROM session_tools WHERE ${chosen}
       GROUP BY tool ORDER BY calls DESC, tool LIMIT ${toolsMax}`,
    )
    .all(bindings);
}

/** Adds the quarters of each day up, and puts the days in between in. */
function toDays(quarters: readonly Group[]): Overview["days"] {
  const days = new Map<string, Usage>();
  const sorted = quarters
    .map((group) => ({ group, time: Number(group.key) * quarterMs }))
    .filter(({ time }) => isOrdinary(new Date(time).getFullYear()))
    .sort((a, b) => a.time - b.time);
  for (const { group, time } of sorted) {
    const day = dayOf(new Date(time));
    days.set(day, addUsage(days.get(day) ?? noUsage, group));
  }
  const [first, last] = [sorted[0], sorted.at(-1)];
  const all = first && last ? daysBetween(first.time, last.time) : [];
  return (all.length > 0 ? all : [...days.keys()]).map((day) =>
    Object.assign({ day }, days.get(day) ?? noUsage),
  );
}

/** Whether the days of a year can be written as people write them. */
function isOrdinary(year: number): boolean {
  return year >= 1000 && year <= 9999;
}

/** None where there would be too many. */
function daysBetween(first: number, last: number): string[] {
  if (last - first > daysMax * 86_400_000) return [];
  const days: string[] = [];
  const date = new Date(first);
  // At noon, a day more is a day more where clocks are changed.
  date.setHours(12, 0, 0, 0);
  for (; dayOf(date) < dayOf(new Date(last)); date.setDate(date.getDate() + 1))
    days.push(dayOf(date));
  return [...days, dayOf(new Date(last))];
}

function dayOf(date: Date): string {
  const [month, day] = [date.getMonth() + 1, date.getDate()];
  return `${date.getFullYear()}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function addUsage(a: Usage, b: Usage): Usage {
  return {
    sessions: a.sessions + b.sessions,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    cost: a.cost + b.cost,
  };
}
