import { expect, test } from "bun:test";
import fc from "fast-check";
import { findVisibleRows } from "../../../lib/dashboard/list/visible-rows.ts";
import { readLines } from "../../../lib/dashboard/net/lines.ts";
import { scaleTop, toPeriods } from "../../../lib/dashboard/overview/periods.ts";
import { splitRanges } from "../../../lib/dashboard/search/split-ranges.ts";
import { toMarkdown } from "../../../lib/dashboard/session/to-markdown.ts";
import {
  baseName,
  formatCost,
  formatNumberOf,
  formatShort,
} from "../../../lib/dashboard/ui/format.ts";

test("ranges of any kind leave the text as it is", () => {
  const range = fc.tuple(fc.integer({ min: -5, max: 30 }), fc.integer({ min: -5, max: 30 }));
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.array(range), (text, ranges) => {
      expect(
        splitRanges(text, ranges)
          .map((piece) => piece.text)
          .join(""),
      ).toBe(text);
    }),
  );
  expect(splitRanges("a bc d", [[2, 4]])).toEqual([
    { text: "a ", isMarked: false },
    { text: "bc", isMarked: true },
    { text: " d", isMarked: false },
  ]);
});

test("the rows in view are drawn, and no more than a screen and its margins", () => {
  expect(findVisibleRows(-200, 800, 40, 50_000)).toEqual({ first: 0, end: 27 });
  expect(findVisibleRows(1_000_000, 800, 40, 50_000)).toEqual({ first: 24_988, end: 25_032 });
  expect(findVisibleRows(9_000_000, 800, 40, 50)).toEqual({ first: 50, end: 50 });
});

test("lines come whole, wherever the stream is cut", async () => {
  const bytes = new TextEncoder().encode('{"a":"ä€"}\n\n{"b":1}\n');
  for (let size = 1; size < bytes.length; size++) {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size)
          controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    expect(await Array.fromAsync(readLines(stream))).toEqual(['{"a":"ä€"}', '{"b":1}']);
  }
});

test("days add up to weeks from Monday on, and to months", () => {
  const day = (day: string) => ({
    day,
    sessions: 1,
    promptTokens: 2,
    completionTokens: 3,
    cost: 4,
  });
  const days = ["2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03"].map(day);
  expect(toPeriods(days, "week").map(({ day, cost }) => [day, cost])).toEqual([
    ["2026-10-26", 8],
    ["2026-11-02", 8],
  ]);
  expect(toPeriods(days, "month").map(({ name, sessions }) => [name, sessions])).toEqual([
    ["Oct 2026", 1],
    ["Nov 2026", 3],
  ]);
  expect(days[0]?.cost).toBe(4);
});

test("a scale ends at a round number that holds the largest value", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (max) => {
      expect(scaleTop(max)).toBeGreaterThanOrEqual(max);
      expect(scaleTop(max)).toBeLessThanOrEqual(max * 2.6);
    }),
  );
  expect([0, 3, 7, 200].map(scaleTop)).toEqual([1, 5, 10, 200]);
});

test("numbers are short and exact enough", () => {
  expect([0, 0.0042, 0.5, 12.345, 1234.5].map(formatCost)).toEqual([
    "–",
    "$0.0042",
    "$0.50",
    "$12.35",
    "$1,235",
  ]);
  expect([999, 12_345, 4_000_000].map(formatShort)).toEqual(["999", "12.3K", "4M"]);
  expect([1, 2].map((count) => formatNumberOf(count, "hit"))).toEqual(["1 hit", "2 hits"]);
  expect(["/a/b/", "C:\\x\\y", "", "/"].map(baseName)).toEqual(["b", "y", "", "/"]);
});

test("a copied message's fences are longer than those within", () => {
  const result = { kind: "tool-result", callId: "", name: "bash", result: "```\nx\n```" } as const;
  expect(toMarkdown([{ ...result, isError: false }])).toBe("**bash**\n\n````\n```\nx\n```\n````");
  const many = toMarkdown([{ ...result, result: "``` ".repeat(800_000), isError: false }]);
  expect(many).toStartWith("**bash**\n\n````\n``` ");
});
