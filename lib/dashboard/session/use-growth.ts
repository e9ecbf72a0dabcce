import { useEffect, useRef, useState } from "preact/hooks";
import type { SessionDetail } from "../api.ts";
import type { MessageStore } from "./message-store.ts";
import type { Moves } from "./transcript.tsx";

/**
 * Takes in what a session gained. Whoever is at its end stays there; whoever reads further up stays
 * too, and hears how many messages are new.
 */
export function useGrowth(
  store: MessageStore,
  detail: SessionDetail,
  moves: { current: Moves | undefined },
): { fresh: number; showFresh: () => void } {
  const [fresh, setFresh] = useState(0);
  const known = useRef(detail);
  useEffect(() => {
    if (known.current === detail) return;
    const gained = detail.total - known.current.total;
    known.current = detail;
    const isFollowing = moves.current?.isAtBottom() ?? false;
    store.refresh(detail.total, moves.current?.inView() ?? []);
    if (isFollowing) moves.current?.toBottom();
    else if (gained > 0) setFresh((fresh) => fresh + gained);
  }, [detail]);
  useEffect(() => {
    const onScroll = (): void => {
      if (moves.current?.isAtBottom()) setFresh(0);
    };
    addEventListener("scroll", onScroll, { passive: true });
    return () => removeEventListener("scroll", onScroll);
  }, []);
  return { fresh, showFresh: () => moves.current?.toBottom() };
}
