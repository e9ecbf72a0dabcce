import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { MessageArticle } from "./message.tsx";
import { blockSize } from "./message-store.ts";
import type { MessageStore } from "./message-store.ts";

interface Props {
  store: MessageStore;
  block: number;
  heights: BlockHeights;
  near: NearWatch;
  /** The number of the message that the address points to. */
  target: number | undefined;
  targetId: string | undefined;
  sessionHref: (messageId: string) => string;
}

/** Tells a block when it comes near to what is in view, and when it leaves. */
export interface NearWatch {
  watch(element: Element, onNear: (isNear: boolean) => void): () => void;
}

/** How tall blocks are, as far as they were seen. */
export interface BlockHeights {
  get(block: number, messages: number): number;
  set(block: number, messages: number, height: number): void;
}

/** How many messages are measured before the heights of the others are guessed for good. */
const sampleSize = 60;

/** Some messages; far from what is in view only as much room as they take. */
export function Block(props: Props): JSX.Element {
  const { store, block, heights, near } = props;
  const element = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(
    () => (element.current ? near.watch(element.current, setNear) : undefined),
    [near, block],
  );
  useEffect(() => {
    if (!isNear) return undefined;
    store.want(block);
    return store.onChange(() => redraw(undefined));
  }, [isNear, store, block]);
  const count = Math.min(blockSize, store.total - block * blockSize);
  // A result is marked where it is shown: at its call.
  const target =
    props.target === undefined ? undefined : (store.item(props.target)?.shownIn ?? props.target);
  const items = isNear ? store.block(block) : undefined;
  useLayoutEffect(() => {
    const drawn = element.current;
    if (items === undefined || drawn === null) return undefined;
    const measure = new ResizeObserver(() => heights.set(block, count, drawn.offsetHeight));
    measure.observe(drawn);
    return () => measure.disconnect();
  }, [items === undefined, count]);
  if (items === undefined) {
    return (
      <div
        ref={element}
        class="block is-away"
        data-block={block}
        style={{ height: `${heights.get(block, count)}px` }}
      />
    );
  }
  return (
    <div ref={element} class="block" data-block={block} style={{ height: "" }}>
      {items.map((item) => (
        <MessageArticle
          key={item.message.id}
          item={item}
          isTarget={item.message.index === target}
          targetId={props.targetId}
          href={props.sessionHref(item.message.id)}
        />
      ))}
    </div>
  );
}

/**
 * Starts with a guess that the first blocks make better. From then on it stays: were the heights of
 * blocks that nobody saw to change, what is in view would move.
 */
export function createBlockHeights(): BlockHeights {
  const known = new Map<number, number>();
  let perMessage = 120;
  let height = 0;
  let messages = 0;
  return {
    get: (block, count) => known.get(block) ?? perMessage * count,
    set(block, count, measured) {
      if (!known.has(block) && messages < sampleSize) {
        height += measured;
        messages += count;
        perMessage = height / messages;
      }
      known.set(block, measured);
    },
  };
}

/** Near is within about two screens. */
export function createNearWatch(): NearWatch & { close: () => void } {
  const listeners = new Map<Element, (isNear: boolean) => void>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
    },
    { rootMargin: "1500px 0px" },
  );
  return {
    watch(element, onNear) {
      listeners.set(element, onNear);
      observer.observe(element);
      return () => {
        listeners.delete(element);
        observer.unobserve(element);
      };
    },
    close: () => observer.disconnect(),
  };
}
