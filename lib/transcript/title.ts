import type { SessionHead } from "./session-head.ts";
import { oneLine, withoutControls } from "./text.ts";

const promptCharsMax = 80;
const nameCharsMax = 200;
/** More of a prompt than this is not looked at for the title. */
const promptCharsRead = 20_000;

/**
 * The first prompt as a title: on one line, cut at a word. `clean` takes secrets out; it sees the
 * text before it is cut, so that no secret is cut in half and missed.
 */
export function promptTitle(firstPrompt: string, clean: (text: string) => string): string {
  return oneLine(clean(withoutControls(firstPrompt.slice(0, promptCharsRead))), promptCharsMax);
}

/** The title of a session: the name that it was given in pi, else its first prompt. */
export function sessionTitle(
  head: SessionHead,
  name: string,
  prompt: string,
  clean: (text: string) => string,
): string {
  return (
    head.titlePrefix + (oneLine(clean(withoutControls(name)), nameCharsMax) || prompt || "Untitled")
  );
}

/** The title of a follow-up session: `part` counts from 1. */
export function partTitle(title: string, part: number): string {
  return part === 1 ? title : `${title} (${part})`;
}
