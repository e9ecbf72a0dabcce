import { useEffect, useMemo, useReducer } from "preact/hooks";
import type { SessionQuery } from "../api.ts";
import { useLiveReload, useServices } from "../context.ts";
import type { ApiClient } from "../net/api-client.ts";
import { createSessionStore } from "./session-store.ts";
import type { SessionStore } from "./session-store.ts";
import type { RowSpan } from "./visible-rows.ts";

/** While pi works, sessions change many times a second; the list follows at this pace. */
const refreshMs = 1000;

/** The last list is kept, so that coming back to it shows it at once, at the same place. */
let kept: { key: string; api: ApiClient; store: SessionStore } | undefined;

/** The sessions of a query, kept up to date; `span` gives what is in view, of so many. */
export function useSessions(query: SessionQuery, span: (total: number) => RowSpan): SessionStore {
  const { api } = useServices();
  const key = JSON.stringify(query);
  const store = useMemo(() => {
    if (kept?.key === key && kept.api === api) {
      kept.store.refresh(span(kept.store.total ?? 1));
      return kept.store;
    }
    const fresh = createSessionStore(api, query);
    fresh.want(span(1));
    kept = { key, api, store: fresh };
    return fresh;
  }, [key, api]);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => store.onChange(() => redraw(undefined)), [store]);
  useLiveReload(() => store.refresh(span(store.total ?? 1)), refreshMs);
  return store;
}
