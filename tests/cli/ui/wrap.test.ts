import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { wrapWords } from "../../../cli/ui/wrap.ts";

describe("wrapped text", () => {
  test("breaks between words, and keeps where a line starts", () => {
    expect(wrapWords("one two three\n  four five", 8)).toBe("one two\nthree\n  four\n  five");
  });

  test("breaks within a word that is longer than a line", () => {
    expect(wrapWords("a ~/folder/file", 7)).toBe("a\n~/folde\nr/file");
  });

  test("counts columns, and not characters", () => {
    expect(wrapWords("日本 語", 4)).toBe("日本\n語");
  });

  test("no line is too long, and no character but space is lost", () => {
    const text = fc
      .array(fc.constantFrom("a", "bc", "日", " ", "\n", "long-word"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.integer({ min: 12, max: 30 }), (given, columns) => {
        const wrapped = wrapWords(given, columns);
        const isNarrow = wrapped.split("\n").every((line) => {
          const blank = /^ *$/.test(line);
          return blank || /^ {12,}/.test(line) || Bun.stringWidth(line) <= columns;
        });
        expect(isNarrow).toBe(true);
        expect(wrapped.replaceAll(/\s/g, "")).toBe(given.replaceAll(/\s/g, ""));
      }),
      { numRuns: 200 },
    );
  });
});
