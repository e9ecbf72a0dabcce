import { expect, test } from "bun:test";
import fc from "fast-check";
import { fits, foldWord, takeExcerpt } from "../../../../lib/server/dashboard/excerpt.ts";

const wanted = (words: string[], beginning = "", phrases: string[][] = []) => ({
  words,
  beginning,
  phrases,
});
const marked = (text: string, ...query: Parameters<typeof wanted>): string[] => {
  const { excerpt, ranges } = takeExcerpt(text, wanted(...query));
  return ranges.map(([start, end]) => excerpt.slice(start, end));
};

test("words are marked whatever their case and accents, whole words only", () => {
  expect(marked("Ein Café, CAFE\u0301 und Cafes", ["cafe"])).toEqual(["Café", "CAFE\u0301"]);
  expect(marked("configure the Configuration", ["conf"], "conf")).toEqual([
    "configure",
    "Configuration",
  ]);
  expect(marked("ΟΔΟΣ οδος", [foldWord("οδός")])).toEqual(["ΟΔΟΣ", "οδος"]);
  expect(marked("कि का", ["कि"])).toEqual(["कि"]);
});

test("the piece is where most of the words stand together", () => {
  const filler = "and so on ".repeat(60);
  const text = `red ${filler} a house ${filler} the red house ${filler} red`;
  const { excerpt, ranges } = takeExcerpt(text, wanted(["red", "house"]));
  expect(excerpt).toContain("the red house");
  expect(excerpt.length).toBeLessThanOrEqual(200);
  expect(ranges.map(([a, b]) => excerpt.slice(a, b))).toEqual(["red", "house"]);
});

test("a text without the words gives its beginning", () => {
  expect(takeExcerpt("nothing here", wanted(["word"]))).toEqual({
    excerpt: "nothing here",
    ranges: [],
  });
});

test("a phrase is words that follow each other, and a beginning begins a word", () => {
  const text = "The parser: fixes Ünique things";
  expect(fits(text, wanted([], "", [["parser", "fixes"]]))).toBe(true);
  expect(fits(text, wanted([], "", [["fixes", "parser"]]))).toBe(false);
  expect(fits(text, wanted([], "uniq"))).toBe(true);
  expect(fits(text, wanted([], "nique"))).toBe(false);
});

test("an excerpt is a whole piece of the text, and its ranges are words of it", () => {
  const unit = fc.constantFrom("a", "b", "é", "e\u0301", " ", "🚀", "\n", "न", "\u0940", "x1", "-");
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 600 }),
      fc.constantFrom("a", "é", "x1"),
      (text, word) => {
        const { excerpt, ranges } = takeExcerpt(text, wanted([foldWord(word)]));
        expect(text).toContain(excerpt);
        expect(excerpt.isWellFormed()).toBe(true);
        let last = 0;
        for (const [start, end] of ranges) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(excerpt.length);
          last = end;
        }
        const stands = (text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).map(foldWord);
        expect(ranges.length > 0).toBe(stands.includes(foldWord(word)));
      },
    ),
    { numRuns: 300 },
  );
});
