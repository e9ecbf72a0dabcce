import { expect, test } from "bun:test";

import { formatSpan, formatTable, plural, printable } from "../../../cli/ui/format.ts";

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
