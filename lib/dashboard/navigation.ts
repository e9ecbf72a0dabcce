import { useEffect, useState } from "preact/hooks";
import { readRoute } from "./route.ts";
import type { Route } from "./route.ts";

/** What an entry of the browser's history keeps of its place. */
export interface Place {
  /** How far down the page was, in pixels. */
  scrollY?: number;
  /** The number of the message that was at the top. */
  message?: number;
}

/** Where the page is, and whether it got there by back or forward. */
export interface Address {
  route: Route;
  hash: string;
  isReturn: boolean;
}

const changed = new EventTarget();
let isReturn = true;
let hasMoved = false;

/** Goes to an address of this page; `replace` leaves no trace in the history. */
export function navigate(href: string, replace = false): void {
  isReturn = false;
  hasMoved = true;
  if (replace) history.replaceState(history.state, "", href);
  else history.pushState({}, "", href);
  changed.dispatchEvent(new Event("change"));
}

/** Whether an address of this page was shown before the one that is shown now. */
export function wasHereBefore(): boolean {
  return hasMoved;
}

/** Keeps where the page is in the current entry of the history. */
export function keepPlace(place: Place): void {
  history.replaceState(place, "");
}

/** Where the page was when it was left, for an entry that was returned to. */
export function readPlace(): Place {
  return (history.state as Place | null) ?? {};
}

/** The address, followed as it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState(readAddress);
  useEffect(() => {
    const update = (): void => setAddress(readAddress());
    const onReturn = (): void => {
      isReturn = true;
      hasMoved = true;
      update();
    };
    history.scrollRestoration = "manual";
    changed.addEventListener("change", update);
    addEventListener("popstate", onReturn);
    document.addEventListener("click", followLink);
    return () => {
      changed.removeEventListener("change", update);
      removeEventListener("popstate", onReturn);
      document.removeEventListener("click", followLink);
    };
  }, []);
  return address;
}

function readAddress(): Address {
  return { route: readRoute(location.pathname, location.search), hash: location.hash, isReturn };
}

/** Links within the page change what is shown without loading the page again. */
function followLink(event: MouseEvent): void {
  const hasModifier = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (event.defaultPrevented || event.button !== 0 || hasModifier) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link?.href || link.target !== "" || link.origin !== location.origin) return;
  event.preventDefault();
  navigate(link.pathname + link.search + link.hash);
}
