import type { Prompt } from "../api.ts";
import { navigate, wasHereBefore } from "../navigation.ts";
import { useKeys } from "../ui/keys.ts";

/** `j`/`k` between messages, `[`/`]` between prompts, Esc back to the list. */
export function useSessionKeys(
  prompts: Prompt[],
  top: number,
  jump: (index: number) => void,
  toBottom: () => void,
): void {
  const toPrompt = (prompt: Prompt | undefined): void => {
    if (prompt) jump(prompt.index);
  };
  useKeys({
    j: () => moveMessage(1),
    k: () => moveMessage(-1),
    "[": () => toPrompt(prompts.findLast(({ index }) => index < top)),
    "]": () => toPrompt(prompts.find(({ index }) => index > top)),
    // The browser would go where the end was before what is there found its height.
    End: toBottom,
    Escape: () => {
      if (wasHereBefore()) history.back();
      else navigate("/");
    },
  });
}

/** Focuses the message behind, or before, the one with the focus or at the top of the view. */
function moveMessage(step: number): void {
  const messages = [...document.querySelectorAll<HTMLElement>("article[data-index]")];
  const focused = messages.findIndex((message) => message.contains(document.activeElement));
  const atTop = messages.findIndex((message) => message.getBoundingClientRect().bottom > 100);
  const next = messages[focused === -1 ? Math.max(atTop, 0) : focused + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}
