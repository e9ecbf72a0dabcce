import type { SearchHit } from "../../dashboard/api.ts";
import { wordPattern } from "../words.ts";

const excerptChars = 200;
/** What stands before the first word that was found. */
const leadChars = 50;

/** What is looked for in a text. */
export interface Wanted {
  /** Folded, and each once. */
  words: readonly string[];
  /** A word that may go on; "" where there is none. */
  beginning: string;
  /** Words that have to follow each other. */
  phrases: readonly (readonly string[])[];
}

/** A piece of a text, and where in it the words are that were looked for. */
export type Excerpt = Pick<SearchHit, "excerpt" | "ranges">;

/**
 * The piece of a text where most of the wanted words stand together; its beginning where none of
 * them does.
 */
export function takeExcerpt(text: string, wanted: Wanted): Excerpt {
  const place = findPlace(text, wanted);
  const start = place === 0 ? 0 : wordStart(text, Math.max(0, place - leadChars), place);
  const end = Math.min(text.length, start + excerptChars);
  const piece = text.slice(start, splitsPair(text, end) ? end - 1 : end);
  const ranges: [number, number][] = [];
  // A word that is cut off is still known by the whole of it.
  for (const { index, 0: word } of text.slice(start, end + wordCharsMax).matchAll(wordPattern)) {
    if (index >= piece.length) break;
    const isWanted = findWord(word, wanted) !== undefined;
    if (isWanted) ranges.push([index, Math.min(index + word.length, piece.length)]);
  }
  return { excerpt: piece, ranges };
}

/** Whether a text holds what the index cannot tell: the phrases, and the beginning of a word. */
export function fits(text: string, { phrases, beginning }: Wanted): boolean {
  if (phrases.length === 0 && beginning === "") return true;
  if (phrases.length === 0) {
    for (const [word] of text.matchAll(wordPattern)) {
      if (foldWord(word).startsWith(beginning)) return true;
    }
    return false;
  }
  const words = (text.match(wordPattern) ?? []).map(foldWord);
  return (
    words.some((word) => word.startsWith(beginning)) &&
    phrases.every((phrase) =>
      words.some((_, at) => phrase.every((word, i) => words[at + i] === word)),
    )
  );
}

/**
 * A word without case and accents, as SQLite's `unicode61` compares them: it takes marks of the
 * Latin, Greek and Cyrillic scripts off, and leaves those that make other words elsewhere.
 */
export function foldWord(word: string): string {
  if (isAscii.test(word)) return word.toLowerCase();
  return word
    .normalize("NFD")
    .replaceAll(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase()
    .replaceAll("ς", "σ");
}

// oxlint-disable-next-line no-control-regex -- ASCII is a range that begins with control characters
const isAscii = /^[\x00-\x7f]*$/;
const wordCharsMax = 100;

/** Where the first word stands of the densest piece: the one with the most different words. */
function findPlace(text: string, wanted: Wanted): number {
  const found: { at: number; word: string }[] = [];
  let [best, bestCount] = [0, 0];
  for (const { index, 0: word } of text.matchAll(wordPattern)) {
    const is = findWord(word, wanted);
    if (is === undefined) continue;
    found.push({ at: index, word: is });
    while ((found[0]?.at ?? index) < index - (excerptChars - 2 * leadChars)) found.shift();
    const count = new Set(found.map((one) => one.word)).size;
    if (count > bestCount) [best, bestCount] = [found[0]?.at ?? index, count];
    // There can be no better place than one with all of them.
    if (count === wanted.words.length) break;
  }
  return best;
}

/** The wanted word that a word of the text is. */
function findWord(word: string, { words, beginning }: Wanted): string | undefined {
  const folded = foldWord(word);
  if (words.includes(folded)) return folded;
  return beginning && folded.startsWith(beginning) ? beginning : undefined;
}

/** Moves the start of a piece to the next word, where that is near. */
function wordStart(text: string, start: number, before: number): number {
  if (start === 0) return 0;
  const space = text.slice(start, before).search(/\s\S/);
  if (space >= 0) return start + space + 1;
  return splitsPair(text, start) ? start + 1 : start;
}

/** Whether a cut here would leave half of a character. */
function splitsPair(text: string, at: number): boolean {
  return at < text.length && /[\udc00-\udfff]/.test(text.charAt(at));
}
