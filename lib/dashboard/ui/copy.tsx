import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "./announce.tsx";

const shownMs = 1500;

/** Copies a text, and says whether it worked. */
export async function copyText(text: string, what: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    announce(`${what} copied.`);
    return true;
  } catch {
    announce("The browser did not allow to copy.");
    return false;
  }
}

/** A button that copies what `text` gives. */
export function CopyButton(props: {
  text: () => string;
  what: string;
  class?: string;
  children: ComponentChildren;
}): JSX.Element {
  const [isDone, setDone] = useState(false);
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (): Promise<void> => {
    if (!(await copyText(props.text(), props.what))) return;
    setDone(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(false), shownMs);
  };
  return (
    <button type="button" class={props.class ?? ""} onClick={() => void copy()}>
      {isDone ? "Copied" : props.children}
    </button>
  );
}
