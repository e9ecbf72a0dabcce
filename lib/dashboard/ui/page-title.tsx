import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { wasHereBefore } from "../navigation.ts";

/** The heading of a page. Whoever came by a link within the page hears it, and goes on from there. */
export function PageTitle({ children }: { children: ComponentChildren }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const isSearching = document.activeElement?.id === "search";
    if (wasHereBefore() && !isSearching) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
