import { expect, test } from "bun:test";

import { AppError } from "../../../../lib/errors.ts";
import { parseTyped } from "../../../../lib/settings/commands/usage.ts";

test("a command, its words and its flags are read, in any order", () => {
  expect(parseTyped("resolve --yes 'a b.md' mine")).toEqual({
    name: "resolve",
    words: ["a b.md", "mine"],
    flags: new Set(["yes"]),
  });
  expect(parseTyped("-y  sync --dry-run --force")).toEqual({
    name: "sync",
    words: [],
    flags: new Set(["yes", "dry-run", "force"]),
  });
});

test("nothing is no command, and flags alone ask for help", () => {
  expect(parseTyped("  ")).toBeUndefined();
  expect(parseTyped("--yes")?.name).toBe("help");
});

test.each([
  ["stauts", 'There is no command "stauts".', "Did you mean 'status'?"],
  ["quark", 'There is no command "quark".', /^There are status, sync, .*, help\.$/],
  ["constructor", 'There is no command "constructor".', /^There are/],
  ["sync --stale", "--stale does not go with 'sync'.", "It goes with unlock."],
  ["status --force", "--force does not go with 'status'.", /^It goes with push, pull,/],
  ["sync --dryrun", "There is no --dryrun.", "Did you mean --dry-run?"],
  ["sync -f", "There is no -f.", /^There are --yes,/],
  ["push it", `'push' does not take "it".`, "It stands alone."],
  ["diff a b", `'diff' does not take "b".`, "It takes [PATH]."],
])("%s is refused, and it says what there is", (text, message, hint) => {
  const error = catchError(() => parseTyped(text));
  expect(error.message).toBe(message);
  expect(error.hint).toMatch(hint);
});

function catchError(action: () => unknown): AppError {
  try {
    action();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("it is not refused");
}
