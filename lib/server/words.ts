/** Words of a query that are looked for. */
const wordsMax = 16;

/** Finds words, one after the other. */
export const wordPattern = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** A query's words. */
export function splitWords(query: string): string[] {
  return (query.match(wordPattern) ?? []).slice(0, wordsMax);
}

/**
 * A text whose words the full-text index finds where {@link splitWords} finds them: SQLite takes
 * what it does not know, such as newer emoji, for letters.
 */
export function separateWords(text: string): string {
  // oxlint-disable-next-line no-control-regex -- ASCII is a range that begins with control characters
  return text.replaceAll(/[^\p{L}\p{N}\p{M}\p{Co}\x00-\x7f]+/gu, " ");
}
