import { expect, test } from "bun:test";

import {
  fitText,
  formatShortTime,
  formatSize,
  formatSpan,
  formatTable,
  plural,
  printable,
} from "../../../cli/ui/format.ts";
import { formatTime } from "../../../lib/platform/local-time.ts";

test("numbers read as people write them", () => {
  expect([0, 1, 2, 12_345].map((count) => plural(count, "session"))).toEqual([
    "0 sessions",
    "1 session",
    "2 sessions",
    "12,345 sessions",
  ]);
  expect([4.4, 61, 3661].map(formatSpan)).toEqual(["4 s", "1 min 1 s", "1 h 1 min"]);
});

test("columns line up, also under wide characters", () => {
  expect(
    formatTable(
      [
        ["日本", "1"],
        ["abc", "22"],
      ],
      [1],
    ),
  ).toBe("  日本   1\n  abc   22");
});

test("what came from elsewhere cannot steer the terminal", () => {
  expect(printable("a\u001b[31mb\u0007\n\u202ec")).toBe("a [31mb   c");
});

test("a text is cut off at a width, and never within a character", () => {
  expect(fitText("abcdef", 6)).toBe("abcdef");
  expect(fitText("abcdefg", 6)).toBe("abcde…");
  expect(fitText("日本語", 5)).toBe("日本…");
  expect(fitText("👩‍👩‍👧 family", 3)).toBe("👩‍👩‍👧…");
});

test("times read where the person is, with the day alone where it is long ago", () => {
  const time = new Date(2026, 2, 1, 14, 5).getTime();
  expect(formatTime(time)).toBe("2026-03-01 14:05");
  expect(formatShortTime(time, time + 86_400_000)).toBe("Mar  1 14:05");
  expect(formatShortTime(time, time + 300 * 86_400_000)).toBe("2026-03-01");
});

test("sizes have two or three digits", () => {
  expect(
    [0, 999, 1000, 12_345, 999_499, 999_500, 2_449_000, 45_000_000, 1e9].map(formatSize),
  ).toEqual(["0 B", "999 B", "1 kB", "12 kB", "999 kB", "1.0 MB", "2.4 MB", "45 MB", "1.0 GB"]);
});
