import { useEffect, useRef } from "preact/hooks";

/** What keys do, by `KeyboardEvent.key`. */
export type Keys = Record<string, (event: KeyboardEvent) => void>;

/**
 * Single keys as commands, as long as the component is there: not while somebody writes, not in a
 * dialog, and not with Ctrl, Alt or Meta.
 */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const hasModifier = event.ctrlKey || event.altKey || event.metaKey;
      if (event.defaultPrevented || hasModifier || isBusy(event.target)) return;
      const run = latest.current[event.key];
      if (run === undefined) return;
      event.preventDefault();
      run(event);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/** Moves the focus among elements by `step`; starts at the first where none has it. */
export function moveFocus(selector: string, step: number): void {
  const elements = [...document.querySelectorAll<HTMLElement>(selector)];
  const at = elements.findIndex((element) => element === document.activeElement);
  const next = elements[at === -1 ? 0 : Math.min(Math.max(at + step, 0), elements.length - 1)];
  next?.focus();
}

function isBusy(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest("input, select, textarea, dialog[open]") !== null;
}
