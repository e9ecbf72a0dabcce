import { describe, expect, test } from "bun:test";

import { checkFlags, spellFlags } from "../../../cli/ui/flags.ts";
import { AppError } from "../../../lib/errors.ts";

const flags = {
  limit: { type: "string" },
  "dry-run": { type: "boolean" },
  color: { type: "boolean", default: true, negativeDescription: "Without colours" },
  help: { type: "boolean", alias: "h" },
} as const;

/** What is said to somebody who typed that; "" where nothing is wrong. */
function said(...args: string[]): string {
  try {
    checkFlags("backfill", args, flags);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    const { code, hint, message } = error as AppError;
    expect(code).toBe("usage");
    return `${message}. ${hint}`;
  }
}

describe("what is right passes", () => {
  test.each([
    [[]],
    [["--limit", "3", "--dry-run"]],
    [["--limit=3"]],
    [["--limit", "-3"]],
    [["-h"]],
    [["--no-color"]],
    [["--"]],
  ])("%p", (args) => {
    expect(said(...args)).toBe("");
  });
});

test("a mistyped flag is refused, with the one that was meant", () => {
  expect(said("--dry-rnu")).toContain("has no flag '--dry-rnu'. Did you mean '--dry-run'?");
  expect(said("--dryrun")).toContain("Did you mean '--dry-run'?");
  expect(said("--whatever")).not.toContain("Did you mean");
  expect(said("-x")).toContain("has no flag '-x'");
  expect(said("--no-dry-run")).toContain("has no flag");
});

test("a flag is given once, with a value that says something", () => {
  expect(said("--limit", "1", "--limit", "2")).toContain("'--limit' is given twice");
  expect(said("--limit", "")).toContain("'--limit' needs a value");
  expect(said("--limit=")).toContain("'--limit' needs a value");
});

test("a value that is missing or too much is refused", () => {
  expect(said("--limit")).toContain("'--limit' needs a value");
  expect(said("--limit", "--dry-run")).toContain("'--limit' needs a value");
  expect(said("--dry-run=no")).toContain("'--dry-run' takes no value");
  expect(said("extra")).toContain("does not take 'extra'");
  expect(said("--", "extra")).toContain("does not take 'extra'");
});

test("what is on can be taken back, and not be asked for", () => {
  expect(said("--color")).toContain("has no flag '--color'");
  expect(said("--no-colour")).toContain("Did you mean '--no-color'?");
  expect(said("--no-color=1")).toContain("'--no-color' takes no value");
});

test("flags are spelled as they are typed", () => {
  const word = { type: "positional", description: "a word" } as const;
  expect(spellFlags({ word, ...flags })).toMatchObject([
    { names: ["--limit"], takesValue: true, hint: "VALUE" },
    { names: ["--dry-run"], takesValue: false, hint: "" },
    { names: ["--no-color"], takesValue: false, description: "Without colours" },
    { names: ["--help", "-h"], takesValue: false },
  ]);
});
