import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { splitLines } from "../../../../lib/settings/decode-text.ts";
import { mergeLines } from "../../../../lib/settings/merge/merge-lines.ts";

const lines = (text: string, end = "\n"): string =>
  text
    .split("")
    .map((line) => `${line}${end}`)
    .join("");

const textOf = (result: ReturnType<typeof mergeLines>): string | undefined =>
  result.kind === "merged" ? result.text : undefined;

describe("what merges", () => {
  const cases: [what: string, base: string, local: string, remote: string, merged: string][] = [
    ["changes in two places", "abcde", "Abcde", "abcdE", "AbcdE"],
    ["an addition at each end", "abc", "xabc", "abcy", "xabcy"],
    ["a removal and a change", "abcd", "bcd", "abcD", "bcD"],
    ["the same change on both sides", "abc", "aBc", "aBc", "aBc"],
    ["the same change, and another one", "abcde", "aBcde", "aBcdE", "aBcdE"],
    ["the same addition on both sides", "ab", "axb", "axb", "axb"],
  ];

  test.each(cases)("%s", (_what, base, local, remote, merged) => {
    expect(textOf(mergeLines(lines(base), lines(local), lines(remote)))).toBe(lines(merged));
    expect(textOf(mergeLines(lines(base), lines(remote), lines(local)))).toBe(lines(merged));
  });

  test("lines that end as on Windows stay so", () => {
    expect(
      textOf(mergeLines(lines("abc", "\r\n"), lines("Abc", "\r\n"), lines("abC", "\r\n"))),
    ).toBe(lines("AbC", "\r\n"));
  });

  test("a last line without an end stays so", () => {
    expect(textOf(mergeLines("a\nb\nc", "A\nb\nc", "a\nb\nC"))).toBe("A\nb\nC");
  });

  test("a line end that one side added at the end is taken", () => {
    expect(textOf(mergeLines("a\nb\nc", "A\nb\nc", "a\nb\nc\n"))).toBe("A\nb\nc\n");
  });
});

describe("what conflicts, and where", () => {
  const cases: [what: string, base: string, local: string, remote: string, at: number[][]][] = [
    ["a line changed in two ways", "abc", "aBc", "aXc", [[2, 1, 2, 1]]],
    ["changes that touch", "abcd", "aBcd", "abCd", [[2, 2, 2, 2]]],
    ["an addition at a changed line", "abc", "axbc", "aBc", [[2, 2, 2, 1]]],
    ["two additions in one place", "ab", "axb", "ayzb", [[2, 1, 2, 2]]],
    ["a removed line that was changed", "abc", "ac", "aBc", [[2, 0, 2, 1]]],
    ["a block, and two lines in it", "abcdefg", "Xg", "aBcdEfg", [[1, 1, 1, 6]]],
    ["one of equal lines removed, and the last one changed", "a}}b", "a}b", "a}Xb", [[3, 0, 3, 1]]],
    ["what would conflict when it is made again", "a}}}b", "a}}b", "aX}}b", [[1, 4, 1, 5]]],
    [
      "two places",
      "abcde",
      "Abcde+",
      "Xbcde-",
      [
        [1, 1, 1, 1],
        [6, 1, 6, 1],
      ],
    ],
    ["texts without a base", "", "ab", "b", [[1, 2, 1, 1]]],
  ];

  test.each(cases)("%s", (_what, base, local, remote, at) => {
    expect(mergeLines(lines(base), lines(local), lines(remote))).toEqual({
      kind: "conflict",
      conflicts: at.map(([from = 0, count = 0, there = 0, countThere = 0]) => ({
        local: { from, count },
        remote: { from: there, count: countThere },
      })),
    });
  });
});

describe("of any texts", () => {
  const text = fc
    .tuple(
      fc.array(fc.constantFrom("a\n", "b\n", "c\n"), { maxLength: 7 }),
      fc.constantFrom("", "a"),
    )
    .map(([whole, rest]) => whole.join("") + rest);
  const numRuns = 2000;

  test("what changed on one side alone is taken", () => {
    fc.assert(
      fc.property(text, text, (base, changed) => {
        expect(textOf(mergeLines(base, base, changed))).toBe(changed);
        expect(textOf(mergeLines(base, changed, base))).toBe(changed);
        expect(textOf(mergeLines(base, changed, changed))).toBe(changed);
      }),
      { numRuns },
    );
  });

  test("a merge that is made again comes out the same", () => {
    fc.assert(
      fc.property(text, text, text, (base, local, remote) => {
        const merged = textOf(mergeLines(base, local, remote));
        if (merged !== undefined) expect(textOf(mergeLines(base, local, merged))).toBe(merged);
      }),
      { numRuns },
    );
  });

  test("no line comes from nowhere, and none that one side added is lost", () => {
    const numbered = (mark: string) =>
      fc.array(fc.tuple(fc.nat(9), fc.boolean()), { maxLength: 3 }).map((edits) => {
        const base = Array.from({ length: 10 }, (_, index) => `${index}\n`);
        for (const [at, isRemoval] of edits) base.splice(at, Number(isRemoval), `${mark}${at}\n`);
        return base.join("");
      });
    const base = Array.from({ length: 10 }, (_, index) => `${index}\n`).join("");
    let mergedCount = 0;
    fc.assert(
      fc.property(numbered("l"), numbered("r"), (local, remote) => {
        const merged = textOf(mergeLines(base, local, remote));
        if (merged === undefined) return;
        mergedCount += 1;
        const all = splitLines(merged);
        const known = new Set(splitLines(base + local + remote));
        expect(all.filter((line) => !known.has(line))).toEqual([]);
        for (const mark of ["l", "r"]) {
          const added = splitLines(mark === "l" ? local : remote).filter((line) =>
            line.startsWith(mark),
          );
          expect(all.filter((line) => line.startsWith(mark))).toEqual(added);
        }
      }),
      { numRuns },
    );
    expect(mergedCount).toBeGreaterThan(numRuns / 10);
  });
});
