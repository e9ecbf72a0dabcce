import type { SessionQuery, SessionSummary } from "../api.ts";
import type { ApiClient } from "../net/api-client.ts";
import { toError } from "../net/use-load.ts";
import type { RowSpan } from "./visible-rows.ts";

/** The sessions that fit a query, loaded page by page where somebody looks. */
export interface SessionStore {
  /** Undefined until the first page is there. */
  readonly total: number | undefined;
  readonly error: Error | undefined;
  /** Undefined where it is not loaded yet. */
  row(index: number): SessionSummary | undefined;
  /** Loads what is missing of these rows. */
  want(span: RowSpan): void;
  /** Loads these rows again; what is there stays until then, the rest is forgotten. */
  refresh(span: RowSpan): void;
  onChange(listener: () => void): () => void;
}

const pageSize = 100;

/** Starts with nothing loaded. */
export function createSessionStore(api: ApiClient, query: SessionQuery): SessionStore {
  const pages = new Map<number, SessionSummary[]>();
  const asked = new Set<number>();
  const listeners = new Set<() => void>();
  let total: number | undefined;
  let error: Error | undefined;

  const load = async (page: number): Promise<void> => {
    asked.add(page);
    try {
      const answer = await api.sessions({ ...query, offset: page * pageSize, limit: pageSize });
      pages.set(page, answer.sessions);
      total = answer.total;
      error = undefined;
    } catch (thrown) {
      error = toError(thrown);
    } finally {
      asked.delete(page);
    }
    for (const listener of listeners) listener();
  };

  return {
    get total() {
      return total;
    },
    get error() {
      return error;
    },
    row: (index) => pages.get(Math.floor(index / pageSize))?.[index % pageSize],
    want(span) {
      for (const page of pagesOf(span)) {
        if (!pages.has(page) && !asked.has(page)) void load(page);
      }
    },
    refresh(span) {
      const wanted = new Set(pagesOf(span));
      for (const page of pages.keys()) if (!wanted.has(page)) pages.delete(page);
      for (const page of wanted) if (!asked.has(page)) void load(page);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** The pages that hold these rows; the first one where there are none, for the total. */
function pagesOf({ first, end }: RowSpan): number[] {
  const from = Math.floor(first / pageSize);
  const to = Math.max(from, Math.floor((end - 1) / pageSize));
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
