import { describe, expect, test } from "bun:test";

import { fitRow } from "../../../cli/settings/rows.ts";

describe("a line", () => {
  test("that fits stays as it is", () => {
    const line = "↑ AGENTS.md      new here";
    expect(fitRow(line, 40)).toBe(line);
  });

  test("loses the space between its columns first", () => {
    expect(fitRow("↑ AGENTS.md      new here", 22)).toBe("↑ AGENTS.md  new here");
  });

  test("has its text below the path then, and both go on under themselves", () => {
    expect(fitRow("! prompts/review.md    conflict: line 1 here", 16)).toBe(
      ["! prompts/review", "  .md", "    conflict:", "    line 1 here"].join("\n"),
    );
  });

  test("that is no row breaks between words", () => {
    expect(fitRow("There is nothing to push.", 12)).toBe("There is\nnothing to\npush.");
  });
});
