import type { JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Failure } from "../ui/notice.tsx";
import { Block, createBlockHeights, createNearWatch } from "./block.tsx";
import { blockSize } from "./message-store.ts";
import type { MessageStore } from "./message-store.ts";
import { createScrollPin } from "./scroll-pin.ts";
import type { ScrollPin } from "./scroll-pin.ts";

interface Props {
  store: MessageStore;
  target: { index: number; id: string } | undefined;
  sessionHref: (messageId: string) => string;
  /** Which message is at the top of the view now. */
  onTop: (index: number) => void;
  /** Hears how to move about here, once it is there. */
  onReady: (moves: Moves) => void;
}

/** Ways to move about in a session. */
export interface Moves {
  toMessage(index: number): void;
  toBottom(): void;
  isAtBottom(): boolean;
  /** The blocks that are drawn. */
  inView(): number[];
}

const topPauseMs = 120;

/** The messages of a session, of which only those near to what is in view are drawn. */
export function Transcript({ store, target, sessionHref, onTop, onReady }: Props): JSX.Element {
  const container = useRef<HTMLDivElement>(null);
  const heights = useMemo(createBlockHeights, [store]);
  const near = useMemo(createNearWatch, []);
  useEffect(() => near.close, [near]);
  const [shownTarget, setShownTarget] = useState<number>();
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => store.onChange(() => redraw(undefined)), [store]);
  useLayoutEffect(() => {
    if (container.current === null) return undefined;
    const pin = createScrollPin(container.current, (index) => find(container, store, index));
    onReady({ ...moves(pin, container), toMessage: (index) => show(index, pin, setShownTarget) });
    return () => pin.close();
  }, [store]);
  useTopMessage(container, onTop);

  const blocks = Math.ceil(store.total / blockSize);
  return (
    <div class="transcript" ref={container}>
      {Array.from({ length: blocks }, (_, block) => (
        <Block
          key={block}
          store={store}
          block={block}
          heights={heights}
          near={near}
          target={shownTarget ?? target?.index}
          targetId={target?.id}
          sessionHref={sessionHref}
        />
      ))}
      {store.error && <Failure error={store.error} onRetry={() => retry(container, store)} />}
    </div>
  );
}

function moves(pin: ScrollPin, container: RefObject<HTMLElement>): Omit<Moves, "toMessage"> {
  return {
    toBottom: () => pin.toBottom(),
    isAtBottom: () => pin.isAtBottom(),
    inView: () => drawnBlocks(container),
  };
}

function show(index: number, pin: ScrollPin, setTarget: (index: number) => void): void {
  setTarget(index);
  pin.toMessage(index);
}

function retry(container: RefObject<HTMLElement>, store: MessageStore): void {
  store.refresh(store.total, [0, ...drawnBlocks(container)]);
}

function drawnBlocks(container: RefObject<HTMLElement>): number[] {
  const away = innerHeight * 2;
  const blocks = container.current?.querySelectorAll<HTMLElement>("[data-block]") ?? [];
  return [...blocks]
    .filter((block) => {
      const { top, bottom } = block.getBoundingClientRect();
      return bottom > -away && top < innerHeight + away;
    })
    .map((block) => Number(block.dataset["block"]));
}

/** A result is drawn where its call is. */
function find(
  container: RefObject<HTMLElement>,
  store: MessageStore,
  index: number,
): Element | undefined {
  const drawn = store.item(index)?.shownIn ?? index;
  const within = container.current;
  return (
    within?.querySelector(`[data-index="${drawn}"]`) ??
    within?.querySelector(`[data-block="${Math.floor(index / blockSize)}"]`) ??
    undefined
  );
}

function useTopMessage(container: RefObject<HTMLElement>, onTop: (index: number) => void): void {
  const latest = useRef(onTop);
  latest.current = onTop;
  useEffect(() => {
    let timer: number | undefined;
    const look = (): void => {
      timer = undefined;
      const box = container.current?.getBoundingClientRect();
      if (box === undefined) return;
      const at = document
        .elementsFromPoint(box.left + box.width / 2, 110)
        .find((element) => element instanceof HTMLElement && element.dataset["index"]);
      if (at instanceof HTMLElement) latest.current(Number(at.dataset["index"]));
    };
    const onScroll = (): void => {
      timer ??= setTimeout(look, topPauseMs);
    };
    addEventListener("scroll", onScroll, { passive: true });
    return () => {
      clearTimeout(timer);
      removeEventListener("scroll", onScroll);
    };
  }, []);
}
