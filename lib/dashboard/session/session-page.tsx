import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Prompt, SessionDetail } from "../api.ts";
import { useLiveEvents, useServices } from "../context.ts";
import { RequestFailed } from "../net/api-client.ts";
import { useLoad } from "../net/use-load.ts";
import { keepPlace, readPlace } from "../navigation.ts";
import { readMessageId, sessionHref } from "../route.ts";
import { announce } from "../ui/announce.tsx";
import { formatNumberOf } from "../ui/format.ts";
import { Failure, Notice } from "../ui/notice.tsx";
import { plainTitle } from "../ui/session-title.tsx";
import { createMessageStore } from "./message-store.ts";
import type { MessageStore } from "./message-store.ts";
import { Outline } from "./outline.tsx";
import { SessionHeader } from "./session-header.tsx";
import { Transcript } from "./transcript.tsx";
import type { Moves } from "./transcript.tsx";
import { useGrowth } from "./use-growth.ts";
import { useSessionKeys } from "./use-session-keys.ts";
import { PageTitle } from "../ui/page-title.tsx";

/** Which session, and where in it. */
export interface SessionPageProps {
  id: string;
  hash: string;
  isReturn: boolean;
}

/** The page of a session. */
export function SessionPage(props: SessionPageProps): JSX.Element {
  const { api } = useServices();
  const [isDeleted, setDeleted] = useState(false);
  const { value, error, reload } = useLoad(props.id, (signal) => api.session(props.id, signal));
  const title = value ? plainTitle(value.session.title) : "Session";
  useEffect(() => {
    document.title = `${title} · pi-opensync`;
  }, [title]);
  useLiveEvents((event) => {
    if (event.kind !== "missed" && event.id !== value?.session.id) return;
    if (event.kind === "deleted") setDeleted(true);
    else reload();
  });
  if (isDeleted || (error instanceof RequestFailed && error.status === 404)) return <Gone />;
  return (
    <main id="main" class="page session-page">
      {error && value === undefined && <Failure error={error} onRetry={reload} />}
      {value && <Conversation key={value.session.id} detail={value} {...props} />}
    </main>
  );
}

function Gone(): JSX.Element {
  return (
    <main id="main" class="page">
      <PageTitle>No such session</PageTitle>
      <p>
        It was deleted, or was never here. <a href="/">Show all sessions</a>
      </p>
    </main>
  );
}

function Conversation(props: SessionPageProps & { detail: SessionDetail }): JSX.Element {
  const { detail } = props;
  const { api } = useServices();
  const { id } = detail.session;
  const store = useMemo(() => createMessageStore(api, id, detail.total), [id, api]);
  const moves = useRef<Moves>();
  const [top, setTop] = useState(0);
  const { fresh, showFresh } = useGrowth(store, detail, moves);
  const target = useTarget(store, props, moves);
  const onTop = (index: number): void => {
    setTop(index);
    keepPlace({ message: index });
  };
  const jump = (index: number): void => {
    moves.current?.toMessage(index);
    setTop(index);
  };
  useSessionKeys(detail.prompts, top, jump, () => moves.current?.toBottom());
  const current = detail.prompts.findLast((prompt) => prompt.index <= top);
  return (
    <>
      <OutlineColumn prompts={detail.prompts} current={current} onJump={jump} />
      <div class="conversation">
        <SessionHeader detail={detail} />
        <h2 class="visually-hidden">Conversation</h2>
        {detail.total === 0 && <Notice title="This session has no messages" />}
        <Transcript
          store={store}
          target={target}
          sessionHref={(messageId) => sessionHref(detail.session, messageId)}
          onTop={onTop}
          onReady={(ready) => {
            moves.current = ready;
          }}
        />
        <p role="status" class="fresh">
          {fresh > 0 && (
            <button type="button" onClick={showFresh}>
              {formatNumberOf(fresh, "new message")} ↓
            </button>
          )}
        </p>
      </div>
    </>
  );
}

function OutlineColumn(props: {
  prompts: Prompt[];
  current: Prompt | undefined;
  onJump: (index: number) => void;
}): JSX.Element {
  const fold = useRef<HTMLDetailsElement>(null);
  const jump = (index: number): void => {
    // On a phone the list covers what it jumps to.
    if (fold.current && innerWidth < 1000) fold.current.open = false;
    props.onJump(index);
  };
  return (
    <nav class="outline" aria-label="Prompts">
      <details ref={fold} open={innerWidth >= 1000}>
        <summary>{formatNumberOf(props.prompts.length, "prompt")}</summary>
        <Outline prompts={props.prompts} current={props.current} onJump={jump} />
      </details>
    </nav>
  );
}

/** The message that the address points to, once it is known where it is; the view goes there. */
function useTarget(
  store: MessageStore,
  { detail, hash, isReturn }: SessionPageProps & { detail: SessionDetail },
  moves: { current: Moves | undefined },
): { index: number; id: string } | undefined {
  const { api } = useServices();
  const [target, setTarget] = useState<{ index: number; id: string }>();
  const id = readMessageId(hash);
  useEffect(() => {
    const { message } = readPlace();
    if (isReturn && message !== undefined && message < store.total) {
      moves.current?.toMessage(message);
    } else if (id === undefined) {
      scrollTo(0, 0);
    }
    if (id === undefined) return undefined;
    const aborting = new AbortController();
    const goTo = async (): Promise<void> => {
      const { index } = await api.message(detail.session.id, id, aborting.signal);
      setTarget({ index, id });
      if (!isReturn || message === undefined) moves.current?.toMessage(index);
    };
    goTo().catch(() => announce("The message that this link points to is not here."));
    return () => aborting.abort();
  }, [id, store]);
  return id === target?.id ? target : undefined;
}
