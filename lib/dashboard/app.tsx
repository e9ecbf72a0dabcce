import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { ServicesContext, useLiveStatus } from "./context.ts";
import { HelpDialog } from "./help.tsx";
import { ListPage } from "./list/list-page.tsx";
import { LoginPage } from "./login-page.tsx";
import { useAddress } from "./navigation.ts";
import type { Address } from "./navigation.ts";
import { createApiClient } from "./net/api-client.ts";
import { listenToServer } from "./net/live.ts";
import { forgetToken, hasLoginLink, readToken, takeLoginLink } from "./net/login.ts";
import { OverviewPage } from "./overview/overview-page.tsx";
import type { Route } from "./route.ts";
import { SearchBox } from "./search/search-box.tsx";
import { LazySessionPage, preloadSessionPage } from "./session/lazy-session-page.tsx";
import { Announcements } from "./ui/announce.tsx";
import { useKeys } from "./ui/keys.ts";
import { PageTitle } from "./ui/page-title.tsx";

/** The whole page: the way in, then what the address says. */
export function App(): JSX.Element {
  const { token, problem, refuse } = useToken();
  return (
    <>
      {token === undefined ? (
        <LoginPage problem={problem} isBusy={problem === undefined && hasLoginLink()} />
      ) : (
        <Dashboard key={token} token={token} onRefused={refuse} />
      )}
      <Announcements />
    </>
  );
}

function useToken(): { token: string | undefined; problem?: string; refuse: () => void } {
  const [state, setState] = useState<{ token: string | undefined; problem?: string }>(() => ({
    token: hasLoginLink() ? undefined : readToken(),
  }));
  useEffect(() => {
    const logIn = async (): Promise<void> => {
      if (!hasLoginLink()) return;
      const problem = await takeLoginLink();
      const token = readToken();
      setState(problem === undefined || token !== undefined ? { token } : { token, problem });
    };
    const readAgain = (): void => setState({ token: readToken() });
    void logIn();
    const onHash = (): void => void logIn();
    addEventListener("hashchange", onHash);
    // Another tab got in, or was refused.
    addEventListener("storage", readAgain);
    return () => {
      removeEventListener("hashchange", onHash);
      removeEventListener("storage", readAgain);
    };
  }, []);
  const refuse = useCallback(() => {
    setState(({ token }) => ({ token: token === undefined ? undefined : forgetToken(token) }));
  }, []);
  return { ...state, refuse };
}

function Dashboard(props: { token: string; onRefused: () => void }): JSX.Element {
  const { token, onRefused } = props;
  const services = useMemo(() => {
    const api = createApiClient(token, onRefused);
    return { api, live: listenToServer(api) };
  }, [token]);
  useEffect(() => () => services.live.close(), [services]);
  useEffect(preloadSessionPage, []);
  const address = useAddress();
  const [isHelpOpen, setHelpOpen] = useState(false);
  useKeys({ "?": () => setHelpOpen(true) });
  return (
    <ServicesContext.Provider value={services}>
      <a class="skip" href="#main" target="_self">
        Skip to content
      </a>
      <SiteHeader route={address.route} onHelp={() => setHelpOpen(true)} />
      <Page address={address} />
      {isHelpOpen && <HelpDialog onClose={() => setHelpOpen(false)} />}
    </ServicesContext.Provider>
  );
}

function Page({ address }: { address: Address }): JSX.Element {
  const { route, hash, isReturn } = address;
  switch (route.page) {
    case "list":
      return <ListPage list={route.list} isReturn={isReturn} />;
    case "session":
      return <LazySessionPage key={route.id} id={route.id} hash={hash} isReturn={isReturn} />;
    case "overview":
      return <OverviewPage overview={route.overview} />;
    default:
      return (
        <main id="main" class="page">
          <PageTitle>There is no such page</PageTitle>
          <p>
            <a href="/">Show all sessions</a>
          </p>
        </main>
      );
  }
}

function SiteHeader({ route, onHelp }: { route: Route; onHelp: () => void }): JSX.Element {
  const current = (page: Route["page"]): "page" | undefined =>
    route.page === page ? "page" : undefined;
  return (
    <header class="site">
      <nav aria-label="Pages">
        <a href="/" aria-current={current("list")}>
          Sessions
        </a>
        <a href="/overview" aria-current={current("overview")}>
          Overview
        </a>
      </nav>
      <SearchBox route={route} />
      <button type="button" class="quiet help" aria-label="Keys" onClick={onHelp}>
        ?
      </button>
      <ServerState />
    </header>
  );
}

/** Says when the server is gone; it is tried again and again, so there is nothing to do. */
function ServerState(): JSX.Element {
  const status = useLiveStatus();
  return (
    <div role="status" class="server-state">
      {status === "gone" && (
        <p>The server does not answer. This page comes back by itself when the server does.</p>
      )}
    </div>
  );
}
