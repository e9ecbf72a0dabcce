import { describe, expect, test } from "bun:test";

import { renderDiff } from "../../../lib/settings/render-diff.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const diff = (before: string | undefined, after: string | undefined): string =>
  renderDiff(
    "AGENTS.md",
    before === undefined ? undefined : bytes(before),
    after === undefined ? undefined : bytes(after),
  );

const numbered = (count: number, from = 1): string =>
  Array.from({ length: count }, (_, index) => `${index + from}\n`).join("");

describe("a diff", () => {
  test("shows what changed with three lines around it", () => {
    const before = numbered(30);
    const after = before
      .replace("\n5\n", "\nfive\n")
      .replace("\n12\n", "\n")
      .replace("\n25\n", "\n25\nnew\n");
    expect(diff(before, after)).toBe(`--- a/AGENTS.md
+++ b/AGENTS.md
@@ -2,14 +2,13 @@
 2
 3
 4
-5
+five
 6
 7
 8
 9
 10
 11
-12
 13
 14
 15
@@ -23,6 +22,7 @@
 23
 24
 25
+new
 26
 27
 28
`);
  });

  test("of a new file, and of one that is gone", () => {
    expect(diff(undefined, "a\n")).toBe("--- /dev/null\n+++ b/AGENTS.md\n@@ -0,0 +1 @@\n+a\n");
    expect(diff("a\nb\n", undefined)).toBe(
      "--- a/AGENTS.md\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n",
    );
    expect(diff(undefined, "")).toBe("--- /dev/null\n+++ b/AGENTS.md\n");
  });

  test("of equal files is empty", () => {
    expect(diff("a\n", "a\n")).toBe("");
    expect(diff(undefined, undefined)).toBe("");
    expect(renderDiff("x", new Uint8Array([0]), new Uint8Array([0]))).toBe("");
  });

  test("says where the last line has no end", () => {
    expect(diff("a\nb", "a\nb\n")).toBe(
      "--- a/AGENTS.md\n+++ b/AGENTS.md\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n",
    );
  });

  test("of binary files shows nothing of them", () => {
    expect(renderDiff("x.png", new Uint8Array([1, 0]), bytes("a"))).toBe(
      "binary files differ: a/x.png and b/x.png\n",
    );
    expect(renderDiff("x.png", undefined, new Uint8Array([0xff]))).toBe(
      "binary files differ: /dev/null and b/x.png\n",
    );
  });
});

describe("on a terminal", () => {
  test("content and path can do nothing", () => {
    const nasty = "\u001b]0;title\u0007\u001b[2J\u009b31m\r\u0008\u202etxt\u007f\tß🙂";
    const shown = renderDiff(`a\u001b[2J\nb`, undefined, bytes(`${nasty}\n`));
    expect(shown).toBe(
      String.raw`--- /dev/null
+++ b/a\u001b[2J\nb
@@ -0,0 +1 @@
+\u001b]0;title\u0007\u001b[2J\u009b31m\r\u0008\u202etxt\u007f` + "\tß🙂\n",
    );
  });

  test("a long line is cut, between characters", () => {
    const shown = diff(undefined, `${"x".repeat(499)}🙂${"y".repeat(10_000)}\n`);
    expect(shown.split("\n")[3]).toBe(`+${"x".repeat(499)}…`);
  });

  test("a long diff ends with how much is missing", () => {
    const shown = diff(undefined, numbered(1000)).split("\n");
    expect(shown.length).toBe(2 + 400 + 2);
    expect(shown.at(-2)).toBe("… 601 more lines");
    expect(diff(undefined, numbered(400))).toEndWith("… 1 more line\n");
    expect(diff(undefined, numbered(399))).toEndWith("+399\n");
    expect(diff(undefined, numbered(300_000))).toEndWith("more lines\n");
  });
});
