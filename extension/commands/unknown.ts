import { suggest } from "../../lib/suggest.ts";

/** Tells of a word behind `/opensync` that is none of those it knows, and which of them may be meant. */
export function describeUnknown(word: string, words: readonly string[]): string {
  const meant = suggest(word, words);
  const question = meant === undefined ? "" : ` Did you mean "${meant}"?`;
  return `/opensync does not know "${word.slice(0, 40)}".${question} It knows: ${words.join(", ")}.`;
}
