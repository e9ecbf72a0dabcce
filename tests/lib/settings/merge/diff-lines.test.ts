import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { diffLines } from "../../../../lib/settings/merge/diff-lines.ts";

const texts = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });

/** The length of the longest common subsequence, by the slow way of a textbook. */
function countCommon(a: string[], b: string[]): number {
  let row = b.map(() => 0);
  for (const line of a) {
    let corner = 0;
    const next: number[] = [];
    for (const [index, other] of b.entries()) {
      const above = row[index] ?? 0;
      next.push(line === other ? corner + 1 : Math.max(above, next[index - 1] ?? 0));
      corner = above;
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

test("the changes lead from one text to the other, in as few lines as can be", () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const result: string[] = [];
      let position = 0;
      let edits = 0;
      for (const { from, to, newFrom, newTo } of diffLines(before, after)) {
        result.push(...before.slice(position, from));
        expect(result.length).toBe(newFrom);
        result.push(...after.slice(newFrom, newTo));
        position = to;
        edits += to - from + newTo - newFrom;
      }
      expect([...result, ...before.slice(position)]).toEqual(after);
      expect(edits).toBe(before.length + after.length - 2 * countCommon(before, after));
    }),
    { numRuns: 500 },
  );
});

test("a line that stayed is between two changes", () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const changes = diffLines(before, after);
      for (const [index, change] of changes.slice(1).entries()) {
        expect(change.from).toBeGreaterThan(changes[index]!.to);
      }
    }),
  );
});

test("of equal lines, the last one is removed or added, or the one at another change", () => {
  const changes = (before: string, after: string) =>
    diffLines(before.split(""), after.split("")).map(({ from, to, newFrom, newTo }) =>
      [from, to, newFrom, newTo].join(" "),
    );
  expect(changes("a}}}b", "a}}b")).toEqual(["3 4 3 3"]);
  expect(changes("a}}b", "a}}}b")).toEqual(["3 3 3 4"]);
  expect(changes("a}}}b", "aX}}b")).toEqual(["1 2 1 2"]);
  expect(changes("a}}}b", "a}}Xb")).toEqual(["3 4 3 4"]);
  expect(changes("pa}}}bq", "PaX}}bQ")).toEqual(["0 1 0 1", "2 3 2 3", "6 7 6 7"]);
});

test("texts with nothing in common are told apart at once, as one change", () => {
  const count = 100_000;
  const before = ["same", ...Array.from({ length: count }, (_, index) => `old ${index}`), "end"];
  const after = ["same", ...Array.from({ length: count }, (_, index) => `new ${index}`), "end"];
  const start = performance.now();
  expect(diffLines(before, after)).toEqual([
    { from: 1, to: count + 1, newFrom: 1, newTo: count + 1 },
  ]);
  expect(performance.now() - start).toBeLessThan(5000);
});

test("texts made to be slow end in bounded time", () => {
  const before = Array.from({ length: 50_000 }, (_, index) => (index % 2 ? "a" : "b"));
  const after = Array.from({ length: 50_000 }, (_, index) => (index % 3 ? "a" : "b"));
  const start = performance.now();
  diffLines(before, after);
  expect(performance.now() - start).toBeLessThan(5000);
});
