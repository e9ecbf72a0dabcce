import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { SessionPageProps } from "./session-page.tsx";

type Page = (props: SessionPageProps) => JSX.Element;

let loaded: Page | undefined;

/** Gets what shows a session: half of the page's size, and the list does without it. */
export async function loadSessionPage(): Promise<Page> {
  const { SessionPage } = await import("./session-page.tsx");
  loaded = SessionPage;
  return SessionPage;
}

/** The page of a session, once it is there. */
export function LazySessionPage(props: SessionPageProps): JSX.Element {
  const [Page, setPage] = useState(() => loaded);
  useEffect(() => {
    if (Page === undefined) void loadSessionPage().then((page) => setPage(() => page));
  }, []);
  return Page === undefined ? (
    <main id="main" class="page" aria-busy="true" />
  ) : (
    <Page {...props} />
  );
}
