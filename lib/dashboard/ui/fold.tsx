import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { showTurns } from "./plain.tsx";

const previewChars = 200;

/** Something that is folded away; what is inside exists only once it was opened. */
export function Fold(props: {
  class: string;
  summary: ComponentChildren;
  /** A text whose beginning shows behind the summary. */
  preview?: string;
  /** At the end of the line. */
  aside?: ComponentChildren;
  isOpen?: boolean;
  children: ComponentChildren;
}): JSX.Element {
  const [isOpen, setOpen] = useState(props.isOpen ?? false);
  const [wasOpened, setOpened] = useState(isOpen);
  const onToggle = (event: Event): void => {
    const { open } = event.currentTarget as HTMLDetailsElement;
    setOpen(open);
    if (open) setOpened(true);
  };
  return (
    <details class={`fold ${props.class}`} open={isOpen} onToggle={onToggle}>
      <summary>
        <span class="fold-name">{props.summary}</span>
        {props.preview !== undefined && (
          <span class="fold-preview">
            <bdi>{showTurns(props.preview.slice(0, previewChars).replaceAll(/\s+/g, " "))}</bdi>
          </span>
        )}
        {props.aside !== undefined && <span class="fold-aside">{props.aside}</span>}
      </summary>
      {wasOpened && <div class="fold-body">{props.children}</div>}
    </details>
  );
}
