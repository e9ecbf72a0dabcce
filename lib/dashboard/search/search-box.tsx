import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { navigate } from "../navigation.ts";
import { emptyList, listHref } from "../route.ts";
import type { Route } from "../route.ts";
import { moveFocus, useKeys } from "../ui/keys.ts";

/** Every letter searches: the pause that must follow it, in milliseconds. */
const pauseMs = 80;

/** The field to search with, on every page; `/` goes to it. */
export function SearchBox({ route }: { route: Route }): JSX.Element {
  const shown = route.page === "list" ? route.list.words : "";
  const [words, setWords] = useState(shown);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(route);
  latest.current = route;
  const sent = useRef(shown);
  useEffect(() => {
    // What this field sent itself comes back late: by then more may be written.
    if (sent.current !== shown) setWords(shown);
    sent.current = shown;
  }, [shown, route.page]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useKeys({
    "/": () => {
      input.current?.focus();
      input.current?.select();
    },
  });
  const search = (text: string): void => {
    setWords(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      sent.current = text.trim();
      goTo(latest.current, text.trim());
    }, pauseMs);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") leave(event);
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      moveFocus(".hit a, .row a", 0);
    }
  };
  const leave = (event: KeyboardEvent): void => {
    event.preventDefault();
    if (words === "") input.current?.blur();
    else search("");
  };
  return (
    <div role="search" class="search">
      <label class="visually-hidden" for="search">
        Search in all sessions
      </label>
      <input
        id="search"
        ref={input}
        type="search"
        placeholder="Search in everything said"
        autocomplete="off"
        spellcheck={false}
        value={words}
        onInput={(event) => search(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

/** One entry in the history for a search, not one for each letter. */
function goTo(route: Route, words: string): void {
  const list = route.page === "list" ? route.list : emptyList;
  if (route.page !== "list" && words === "") return;
  const isRefined = route.page === "list" && list.words !== "";
  navigate(listHref({ ...list, words }), isRefined);
}
