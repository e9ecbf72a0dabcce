import type { JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import type { SessionQuery, SortField } from "../api.ts";
import { keepPlace, readPlace } from "../navigation.ts";
import { isFiltered } from "../route.ts";
import type { ListState } from "../route.ts";
import { formatNumberOf } from "../ui/format.ts";
import { useKeys } from "../ui/keys.ts";
import { Failure, Notice } from "../ui/notice.tsx";
import { SessionRow } from "./session-row.tsx";
import { useSessions } from "./use-sessions.ts";
import { findVisibleRows } from "./visible-rows.ts";
import type { RowSpan } from "./visible-rows.ts";

interface Props {
  list: ListState;
  query: SessionQuery;
  isReturn: boolean;
  onSort: (field: SortField) => void;
}

const columns: { field: SortField; name: string; isNumber?: boolean }[] = [
  { field: "title", name: "Session" },
  { field: "project", name: "Project" },
  { field: "model", name: "Model" },
  { field: "time", name: "Last message", isNumber: true },
  { field: "messages", name: "Messages", isNumber: true },
  { field: "tokens", name: "Tokens", isNumber: true },
  { field: "cost", name: "Cost", isNumber: true },
];

/** The list of sessions: only the rows in view exist. `j` and `k` go through it. */
export function SessionTable({ list, query, isReturn, onSort }: Props): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const { span, rowHeight } = useVisibleRows(body);
  const store = useSessions(query, span);
  const total = store.total ?? 0;
  const { first, end } = span(total);
  useEffect(() => store.want({ first, end }), [store, first, end]);
  useReturnToPlace(isReturn, store.total !== undefined);
  useRowKeys(body, total, rowHeight);

  if (store.error && store.total === undefined) {
    return <Failure error={store.error} onRetry={() => store.want({ first: 0, end: 1 })} />;
  }
  if (store.total === 0) return <NoSessions isFiltered={isFiltered(list)} />;
  const now = Date.now();
  const rows = Array.from({ length: end - first }, (_, at) => first + at);
  return (
    <>
      <p class="result-count" role="status">
        {store.total !== undefined && formatNumberOf(total, "session")}
      </p>
      <div class="table" role="table" aria-label="Sessions" aria-rowcount={total + 1}>
        <div role="rowgroup" class="table-head">
          <div role="row" class="row head">
            {columns.map((column) => (
              <Header key={column.field} {...column} list={list} onSort={onSort} />
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          class="table-body"
          ref={body}
          aria-busy={store.total === undefined}
          style={{ height: `${total * rowHeight()}px`, paddingTop: `${first * rowHeight()}px` }}
        >
          {rows.map((index) => (
            <SessionRow key={index} index={index} session={store.row(index)} now={now} />
          ))}
        </div>
      </div>
    </>
  );
}

function Header(props: {
  field: SortField;
  name: string;
  isNumber?: boolean;
  list: ListState;
  onSort: (field: SortField) => void;
}): JSX.Element {
  const { field, name, list } = props;
  const isSorted = list.sort === field;
  const isText = ["title", "project", "model"].includes(field);
  const isDescending = isText === list.isReversed;
  const sorted = isDescending ? "descending" : "ascending";
  return (
    <div
      role="columnheader"
      class={`cell ${field}${props.isNumber ? " number" : ""}`}
      aria-sort={isSorted ? sorted : "none"}
    >
      <button type="button" class="sort" onClick={() => props.onSort(field)}>
        {name}
        {isSorted && (
          <span class="arrow" aria-hidden="true">
            {isDescending ? "↓" : "↑"}
          </span>
        )}
      </button>
    </div>
  );
}

function NoSessions({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  if (isFiltered) {
    return (
      <Notice title="No session fits these filters">
        <p>
          <a href="/">Show all sessions</a>
        </p>
      </Notice>
    );
  }
  return (
    <Notice title="No sessions yet">
      <p>
        Sessions appear here as they arrive. <code>pi-opensync serve --backfill</code> brings in the
        sessions of this machine and follows them.
      </p>
    </Notice>
  );
}

interface VisibleRows {
  /** The rows in view, of so many. */
  span: (total: number) => RowSpan;
  rowHeight: () => number;
}

function useVisibleRows(body: RefObject<HTMLDivElement>): VisibleRows {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let frame = 0;
    const update = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => redraw(undefined));
    };
    addEventListener("scroll", update, { passive: true });
    addEventListener("resize", update);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", update);
      removeEventListener("resize", update);
    };
  }, []);
  useLayoutEffect(() => redraw(undefined), []);
  // As the style sheet has it, which knows whether rows are lines or cards.
  const rowHeight = (): number =>
    Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row-height"));
  const span = (total: number): RowSpan => {
    const top = body.current?.getBoundingClientRect().top ?? 0;
    return findVisibleRows(-top, innerHeight, rowHeight(), total);
  };
  return { span, rowHeight };
}

/** Keeps how far down the list is, and goes there again when somebody comes back. */
function useReturnToPlace(isReturn: boolean, isReady: boolean): void {
  const isDone = useRef(false);
  useLayoutEffect(() => {
    if (!isReady || isDone.current) return;
    isDone.current = true;
    scrollTo(0, isReturn ? (readPlace().scrollY ?? 0) : 0);
  }, [isReady]);
  useEffect(() => {
    let timer: number | undefined;
    const onScroll = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => keepPlace({ scrollY }), 150);
    };
    addEventListener("scroll", onScroll, { passive: true });
    return () => {
      clearTimeout(timer);
      removeEventListener("scroll", onScroll);
    };
  }, []);
}

function useRowKeys(body: RefObject<HTMLDivElement>, total: number, rowHeight: () => number): void {
  const move = (step: number): void => {
    const row = document.activeElement?.closest<HTMLElement>("[data-row]");
    const at = row ? Number(row.dataset["row"]) + step : 0;
    const next = Math.min(Math.max(at, 0), total - 1);
    showRow(body.current, next, rowHeight());
    // A row that was out of sight exists once the scroll has been drawn.
    if (!focusRow(body.current, next)) {
      requestAnimationFrame(() => requestAnimationFrame(() => focusRow(body.current, next)));
    }
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
}

function showRow(body: HTMLElement | null, index: number, rowHeight: number): void {
  if (body === null) return;
  const top = body.getBoundingClientRect().top + index * rowHeight;
  const above = top - 3 * rowHeight;
  const below = top + 2 * rowHeight - innerHeight;
  if (above < 0) scrollBy(0, above);
  else if (below > 0) scrollBy(0, below);
}

/** False where the row does not exist yet. */
function focusRow(body: HTMLElement | null, index: number): boolean {
  const link = body?.querySelector<HTMLElement>(`[data-row="${index}"] a`);
  link?.focus({ preventScroll: true });
  return link instanceof HTMLElement;
}
