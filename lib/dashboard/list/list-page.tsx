import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { SortField } from "../api.ts";
import { useLiveReload, useServices } from "../context.ts";
import { navigate } from "../navigation.ts";
import { useLoad } from "../net/use-load.ts";
import { emptyList, listHref, toQuery } from "../route.ts";
import type { ListState } from "../route.ts";
import { SearchResults } from "../search/search-results.tsx";
import { Filters } from "./filters.tsx";
import { SessionTable } from "./session-table.tsx";
import { PageTitle } from "../ui/page-title.tsx";

const facetsPaceMs = 5000;

/** The page of all sessions, and of what a search finds in them. */
export function ListPage({ list, isReturn }: { list: ListState; isReturn: boolean }): JSX.Element {
  const { api } = useServices();
  const facets = useLoad("facets", (signal) => api.facets(signal));
  useLiveReload(facets.reload, facetsPaceMs);
  useEffect(() => {
    document.title = list.words === "" ? "Sessions · pi-opensync" : `${list.words} · pi-opensync`;
  }, [list.words]);
  // Days start anew at midnight only when the list changes: a list must not move under a reader.
  const key = listHref({ ...list, words: "" });
  const query = useMemo(() => toQuery(list, Date.now()), [key]);
  const change = (part: Partial<ListState>): void => navigate(listHref({ ...list, ...part }));
  const sort = (field: SortField): void => {
    const isReversed = list.sort === field && !list.isReversed;
    navigate(listHref({ ...list, sort: field, isReversed }), true);
  };
  return (
    <main id="main" class="page">
      <div class="page-head">
        <PageTitle>{list.words === "" ? "Sessions" : "Search"}</PageTitle>
        <Filters list={list} facets={facets.value} onChange={change} />
      </div>
      {list.words === "" ? (
        <SessionTable key={key} list={list} query={query} isReturn={isReturn} onSort={sort} />
      ) : (
        <SearchResults
          words={list.words}
          query={query}
          onClear={() => navigate(listHref({ ...list, words: "" }))}
          everywhere={listHref({ ...emptyList, words: list.words })}
        />
      )}
    </main>
  );
}
