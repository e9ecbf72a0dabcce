import { expect, test } from "bun:test";
import fc from "fast-check";
import { diffLines, readDiff } from "../../../lib/dashboard/session/diff-lines.ts";

const text = fc
  .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 })
  .map((l) => l.join("\n"));

test("a diff's kept and removed lines are the old text, kept and added the new one", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      // Few lines: none is far enough from a change to be left out, unless nothing changes.
      const lines = diffLines(before, after).filter(({ sign }) => sign !== "…");
      fc.pre(lines.length === diffLines(before, after).length);
      const side = (without: string) =>
        lines.filter(({ sign }) => sign !== without).map(({ text }) => text);
      expect(side("+")).toEqual(toLines(before));
      expect(side("-")).toEqual(toLines(after));
    }),
    { numRuns: 300 },
  );
});

test("lines far from a change are counted, not shown", () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  const diff = diffLines(lines.join("\n"), lines.with(10, "other").join("\n"));
  expect(diff.map(({ sign }) => sign).join("")).toBe("…   -+   …");
  expect(diff[0]?.text).toBe("7 lines the same");
});

test("a change too large to compare is all removed and all added", () => {
  const before = Array.from({ length: 1100 }, (_, i) => `a${i}`).join("\n");
  const after = Array.from({ length: 1100 }, (_, i) => `b${i}`).join("\n");
  expect(diffLines(before, after)).toHaveLength(2200);
});

test("a diff as text keeps its signs", () => {
  expect(readDiff("--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n")).toEqual([
    { sign: "…", text: "--- a" },
    { sign: "…", text: "+++ b" },
    { sign: "…", text: "@@ -1 +1 @@" },
    { sign: "-", text: "old" },
    { sign: "+", text: "new" },
    { sign: " ", text: "same" },
  ]);
});

function toLines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
