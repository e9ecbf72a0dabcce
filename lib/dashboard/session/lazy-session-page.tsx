import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLiveEvents } from "../context.ts";
import { Failure } from "../ui/notice.tsx";
import type { SessionPageProps } from "./session-page.tsx";

type Page = (props: SessionPageProps) => JSX.Element;

let loaded: Page | undefined;

/** Gets what shows a session: half of the page's size, and the list does without it. */
async function loadSessionPage(): Promise<Page> {
  const { SessionPage } = await import("./session-page.tsx");
  loaded = SessionPage;
  return SessionPage;
}

/** Gets it before somebody asks for a session, who is told then if it did not come. */
export function preloadSessionPage(): void {
  loadSessionPage().catch(() => {});
}

/** The page of a session, once it is there. */
export function LazySessionPage(props: SessionPageProps): JSX.Element {
  const [Page, setPage] = useState(() => loaded);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    if (Page !== undefined) return;
    loadSessionPage().then(
      (page) => setPage(() => page),
      () => setMissing(true),
    );
  }, []);
  useLiveEvents(({ kind }) => {
    if (isMissing && kind === "missed") startAnew();
  });
  if (Page !== undefined) return <Page {...props} />;
  return (
    <main id="main" class="page" aria-busy={!isMissing}>
      {isMissing && <Failure error={notLoaded} onRetry={startAnew} />}
    </main>
  );
}

const notLoaded = new Error("The part of this page that shows a session could not be loaded.");

/**
 * A browser may remember that a module did not come, and a server of another version has it under
 * another name: only a new page gets it.
 */
function startAnew(): void {
  location.reload();
}
