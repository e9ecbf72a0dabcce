import type { SessionQuery, SessionSummary } from "../api.ts";
import type { ApiClient } from "../net/api-client.ts";
import { createPages } from "../net/pages.ts";
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
  let total: number | undefined;
  const pages = createPages(async (page) => {
    const answer = await api.sessions({ ...query, offset: page * pageSize, limit: pageSize });
    total = answer.total;
    return answer.sessions;
  });
  return {
    get total() {
      return total;
    },
    get error() {
      return pages.error;
    },
    row: (index) => pages.get(Math.floor(index / pageSize))?.[index % pageSize],
    want(span) {
      for (const page of pagesOf(span)) pages.want(page);
    },
    refresh: (span) => pages.refresh(pagesOf(span)),
    onChange: (listener) => pages.onChange(listener),
  };
}

/** The pages that hold these rows; the first one where there are none, for the total. */
function pagesOf({ first, end }: RowSpan): number[] {
  const from = Math.floor(first / pageSize);
  const to = Math.max(from, Math.floor((end - 1) / pageSize));
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
