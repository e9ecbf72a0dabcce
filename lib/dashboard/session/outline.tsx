import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Prompt } from "../api.ts";
import { Plain } from "../ui/plain.tsx";

interface Props {
  prompts: Prompt[];
  /** The prompt that what is in view belongs to. */
  current: Prompt | undefined;
  onJump: (index: number) => void;
}

/** A session's prompts, to jump to. */
export function Outline({ prompts, current, onJump }: Props): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const item = list.current?.querySelector<HTMLElement>("[aria-current]");
    const box = list.current;
    if (!item || !box) return;
    const isSeen =
      item.offsetTop >= box.scrollTop &&
      item.offsetTop + item.offsetHeight <= box.scrollTop + box.clientHeight;
    if (!isSeen) box.scrollTop = item.offsetTop - box.clientHeight / 2;
  }, [current?.index]);
  return (
    <ol class="prompts" ref={list}>
      {prompts.map((prompt) => (
        <li key={prompt.index}>
          <button
            type="button"
            aria-current={prompt.index === current?.index ? "true" : undefined}
            onClick={() => onJump(prompt.index)}
          >
            <Plain text={prompt.text || "(empty)"} />
          </button>
        </li>
      ))}
    </ol>
  );
}
