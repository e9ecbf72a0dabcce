import { parseSortField } from "./api.ts";
import type { SessionQuery, SortField } from "./api.ts";

/** What the list of sessions shows, as it stands in the address. */
export interface ListState {
  /** The words to search for; empty is the list itself. */
  words: string;
  project: string;
  model: string;
  source: string;
  /** Empty, `7d`, or `2026-11-01..2026-11-30` with one end or none left out. */
  time: string;
  sort: SortField;
  isReversed: boolean;
}

/** What the overview shows, as it stands in the address. */
export interface OverviewState {
  metric: "cost" | "tokens" | "sessions";
  unit: "day" | "week" | "month";
  /** Days back from today; 0 is everything. */
  days: number;
}

export type Route =
  | { page: "list"; list: ListState }
  | { page: "session"; id: string }
  | { page: "overview"; overview: OverviewState }
  | { page: "missing" };

export const emptyList: ListState = {
  words: "",
  project: "",
  model: "",
  source: "",
  time: "",
  sort: "time",
  isReversed: false,
};

const defaultDays = 90;
const dayMs = 86_400_000;

/** What an address shows. */
export function readRoute(pathname: string, search: string): Route {
  const params = new URLSearchParams(search);
  if (pathname === "/") return { page: "list", list: readList(params) };
  if (pathname === "/overview") return { page: "overview", overview: readOverview(params) };
  const id = /^\/sessions\/([^/]+)$/.exec(pathname)?.[1];
  if (id === undefined) return { page: "missing" };
  try {
    return { page: "session", id: decodeURIComponent(id) };
  } catch {
    return { page: "missing" };
  }
}

/** The address of the list as it is shown. */
export function listHref(list: ListState): string {
  return hrefWith("/", {
    q: list.words,
    project: list.project,
    model: list.model,
    source: list.source,
    time: list.time,
    sort: list.sort === "time" ? "" : list.sort,
    reversed: list.isReversed ? "1" : "",
  });
}

/** The address of the overview as it is shown. */
export function overviewHref({ metric, unit, days }: OverviewState): string {
  return hrefWith("/overview", {
    metric: metric === "cost" ? "" : metric,
    unit: unit === "day" ? "" : unit,
    days: days === defaultDays ? "" : String(days),
  });
}

/**
 * The address of a session, and of a message in it. The name that the client gave outlives the
 * server's database; where it cannot stand in a path, or could be another session's own, the
 * server's own stands.
 */
export function sessionHref(
  session: { id: string; externalId?: string },
  messageId?: string,
): string {
  const { id, externalId } = session;
  const isPathSafe = externalId !== undefined && /^(?!ses_)[\w:-][\w:.-]*$/.test(externalId);
  const hash = messageId === undefined ? "" : `#m-${encodeURIComponent(messageId)}`;
  return `/sessions/${isPathSafe ? externalId : encodeURIComponent(id)}${hash}`;
}

/** The message that an address points to: `#m-<id>`. */
export function readMessageId(hash: string): string | undefined {
  if (!hash.startsWith("#m-")) return undefined;
  try {
    return decodeURIComponent(hash.slice(3));
  } catch {
    return undefined;
  }
}

/** What the server is asked for to show a list. `now` is a Unix time in milliseconds. */
export function toQuery(list: ListState, now: number): SessionQuery {
  const query: SessionQuery = { ...readTime(list.time, now), sort: list.sort };
  if (list.project !== "") query.project = list.project;
  if (list.model !== "") query.model = list.model;
  if (list.source !== "") query.source = list.source;
  if (list.isReversed) query.isReversed = true;
  return query;
}

/** Whether anything is left out of the list. */
export function isFiltered(list: ListState): boolean {
  return [list.project, list.model, list.source, list.time].some((filter) => filter !== "");
}

/** The span of a `time`, in this machine's time zone; days back count from the start of a day. */
function readTime(time: string, now: number): { from?: number; to?: number } {
  const days = /^(\d{1,4})d$/.exec(time)?.[1];
  if (days !== undefined) return { from: startOfDay(now - (Number(days) - 1) * dayMs) };
  const [first = "", last = ""] = time.split("..");
  const from = parseDay(first);
  const to = parseDay(last);
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to: startOfDay(to + 1.5 * dayMs) }),
  };
}

/** The midnight before a time, in this machine's time zone. */
export function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

function parseDay(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const time = new Date(`${text}T00:00`).getTime();
  return Number.isNaN(time) ? undefined : time;
}

function readList(params: URLSearchParams): ListState {
  return {
    words: params.get("q") ?? "",
    project: params.get("project") ?? "",
    model: params.get("model") ?? "",
    source: params.get("source") ?? "",
    time: params.get("time") ?? "",
    sort: parseSortField(params.get("sort")) ?? "time",
    isReversed: params.has("reversed"),
  };
}

function readOverview(params: URLSearchParams): OverviewState {
  const metric = params.get("metric");
  const unit = params.get("unit");
  const days = Number(params.get("days") ?? defaultDays);
  return {
    metric: metric === "tokens" || metric === "sessions" ? metric : "cost",
    unit: unit === "week" || unit === "month" ? unit : "day",
    days: Number.isInteger(days) && days >= 0 && days <= 10_000 ? days : defaultDays,
  };
}

function hrefWith(path: string, values: Record<string, string>): string {
  const filled = Object.entries(values).filter(([, value]) => value !== "");
  return filled.length === 0 ? path : `${path}?${new URLSearchParams(filled)}`;
}
