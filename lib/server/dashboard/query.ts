import { parseSortField } from "../../dashboard/api.ts";
import type { SessionQuery } from "../../dashboard/api.ts";
import { Refusal } from "./answer.ts";

const pageMax = 500;

/** Reads a list's query. @throws Refusal 400 */
export function readSessionQuery(params: URLSearchParams): SessionQuery & PageQuery {
  const word = params.get("sort");
  const sort = parseSortField(word);
  if (word !== null && sort === undefined)
    throw new Refusal(400, `'${word}' is nothing to sort by.`);
  return {
    ...readFilters(params),
    ...readPage(params, "offset", 50),
    ...(sort !== undefined && { sort }),
    isReversed: params.get("isReversed") === "true",
  };
}

/** Where a page of a list begins, and how long it may be. */
export interface PageQuery {
  offset: number;
  limit: number;
}

/** Reads the filters of a query. @throws Refusal 400 */
export function readFilters(params: URLSearchParams): Filters {
  const filters: Filters = readSpan(params);
  for (const name of ["project", "model", "source"] as const) {
    const value = params.get(name);
    if (value !== null) filters[name] = value;
  }
  return filters;
}

/** What sessions can be chosen by. */
export type Filters = Pick<SessionQuery, "project" | "model" | "source" | "from" | "to">;

/** Reads a time span. @throws Refusal 400 */
export function readSpan(params: URLSearchParams): Pick<SessionQuery, "from" | "to"> {
  const from = readNumber(params, "from");
  const to = readNumber(params, "to");
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** Reads a page, whose beginning has the name `start`. @throws Refusal 400 */
export function readPage(params: URLSearchParams, start: string, limit: number): PageQuery {
  return {
    offset: readCount(params, start) ?? 0,
    limit: Math.min(readCount(params, "limit") ?? limit, pageMax),
  };
}

function readCount(params: URLSearchParams, name: string): number | undefined {
  const count = readNumber(params, name);
  if (count === undefined || (Number.isSafeInteger(count) && count >= 0)) return count;
  throw new Refusal(400, `'${name}' must be a whole number that is not negative.`);
}

function readNumber(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null || text === "") return undefined;
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  throw new Refusal(400, `'${name}' must be a number.`);
}
