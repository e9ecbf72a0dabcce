import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

const shownMs = 2500;
const said = new EventTarget();

/** Says something in passing, to eyes and screen readers alike. */
export function announce(text: string): void {
  said.dispatchEvent(new CustomEvent("say", { detail: text }));
}

/** Where announcements appear. */
export function Announcements(): JSX.Element {
  const [text, setText] = useState("");
  useEffect(() => {
    let timer: number | undefined;
    const show = (event: Event): void => {
      setText((event as CustomEvent<string>).detail);
      clearTimeout(timer);
      timer = setTimeout(() => setText(""), shownMs);
    };
    said.addEventListener("say", show);
    return () => {
      clearTimeout(timer);
      said.removeEventListener("say", show);
    };
  }, []);
  return (
    <div role="status" class={text === "" ? "toast" : "toast is-shown"}>
      {text}
    </div>
  );
}
