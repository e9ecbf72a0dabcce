import type { JSX } from "preact";

/** What turns the reading direction around: `evil.txt` with it can look like another name. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;
/** Colours, links and cursor movements for a terminal. */
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;

/** A text from a session, with what would turn other text around made visible. */
export function showTurns(text: string): string {
  return text.replaceAll(
    turning,
    (char) => `[U+${char.codePointAt(0)?.toString(16).toUpperCase()}]`,
  );
}

/** The output of a program, without what steers a terminal. */
export function withoutEscapes(text: string): string {
  return text.includes("\u001b") ? text.replaceAll(escapes, "") : text;
}

/** A short text from a session within text of the page: it cannot change the order around it. */
export function Plain({ text }: { text: string }): JSX.Element {
  return <bdi>{showTurns(text)}</bdi>;
}
