import { expect, test } from "bun:test";
import fc from "fast-check";
import { join } from "node:path";
import { openDatabase } from "../../../lib/server/database.ts";
import { createMessages } from "../../../lib/server/messages.ts";
import { createSearchIndex } from "../../../lib/server/search-index.ts";
import { createSessions } from "../../../lib/server/sessions.ts";
import { type TempDir, tempDir } from "../../support/temp.ts";

/** Search over sessions that have names instead of numbers. */
function openSearch(dir: TempDir) {
  const database = openDatabase(join(dir.path, "test.db"));
  const index = createSearchIndex(database);
  const sessions = createSessions(database);
  const messages = createMessages(database, sessions, index);
  return {
    database,
    index,
    [Symbol.dispose]: () => database.close(),
    title: (name: string, title: string) => sessions.upsert({ externalId: name, title }, 0),
    say: (name: string, content: unknown, id = crypto.randomUUID() as string, type = "text") =>
      messages.upsert(
        { sessionExternalId: name, externalId: id, role: "user", parts: [{ type, content }] },
        0,
      ),
    search: (query: string, limit = 10) =>
      index.search(query, limit).map((id) => sessions.find(id)!.externalId),
  };
}

test("sessions that hold all words come before those that hold one", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.say("both", "a red house");
  search.say("house", "the house");
  search.say("red", "a red car");
  search.say("none", "a blue car");
  expect(search.search("red house")).toEqual(["both", "red", "house"]);
});

test("titles come before messages, and newer sessions before older ones", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.title("titled", "Fix the parser");
  search.say("old", "parser");
  search.say("new", "parser");
  expect(search.search("parser")).toEqual(["titled", "new", "old"]);
});

test("a session is found once, and the limit counts sessions", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.title("b", "word");
  search.say("a", "word");
  for (let i = 0; i < 20; i++) search.say("b", `word ${i}`);
  expect(search.search("word", 2)).toEqual(["b", "a"]);
  expect(search.search("word", 1)).toEqual(["b"]);
  expect(search.search("word", 0)).toEqual([]);
});

test("the last word may be the beginning of one, if it is not too short", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.say("a", "nested configuration");
  expect(search.search("conf")).toEqual(["a"]);
  expect(search.search("nested conf")).toEqual(["a"]);
  expect(search.search("co")).toEqual([]);
  expect(search.search("confer")).toEqual([]);
});

test("a whole word is not taken for a beginning, but in titles", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.title("title", "Configuration");
  search.say("beginning", "configuration");
  expect(search.search("config")).toEqual(["title", "beginning"]);
  search.say("whole", "config");
  expect(search.search("config")).toEqual(["title", "whole"]);
});

test("case and accents do not matter", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.say("a", "Ein Café in MÜNCHEN");
  for (const query of ["café", "cafe", "CAFE\u0301", "munchen"]) {
    expect(search.search(query)).toEqual(["a"]);
  }
});

test("tool calls and results are found, text in full and tools up to a limit", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.say("call", { name: "bash", args: { command: "grep -r needle" } }, "c", "tool-call");
  search.say("result", { result: [{ text: "haystack" }] }, "r", "tool-result");
  search.say("long", `${"x ".repeat(20_000)} toofar`, "l", "tool-result");
  expect(search.search("needle")).toEqual(["call"]);
  expect(search.search("haystack")).toEqual(["result"]);
  expect(search.search("toofar")).toEqual([]);
});

test("a changed message is found by its new words only", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.say("a", "before", "m");
  expect(search.search("before")).toEqual(["a"]);
  search.say("a", "after", "m");
  search.say("a", "finally", "m");
  expect(search.search("before")).toEqual([]);
  expect(search.search("after")).toEqual([]);
  expect(search.search("finally")).toEqual(["a"]);
});

test("a changed title is found, the old one is not, and messages stay", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.title("a", "first");
  search.say("a", "content");
  search.title("a", "second");
  expect(search.search("first")).toEqual([]);
  expect(search.search("second")).toEqual(["a"]);
  expect(search.search("content")).toEqual(["a"]);
  search.title("a", "");
  expect(search.search("second")).toEqual([]);
});

test("what a killed process left waiting is found by the next", async () => {
  await using dir = await tempDir();
  {
    using search = openSearch(dir);
    search.say("a", "before", "m");
    search.index.update();
    search.say("a", "unfinished", "m");
  }
  using search = openSearch(dir);
  expect(search.search("unfinished")).toEqual(["a"]);
  expect(search.search("before")).toEqual([]);
});

test("so much may wait and no more", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  search.index.update();
  expect([search.index.isPending(), search.index.isFull()]).toEqual([false, false]);
  search.say("a", "x");
  expect([search.index.isPending(), search.index.isFull()]).toEqual([true, false]);
  search.say("a", "x".repeat(4_000_000));
  expect(search.index.isFull()).toBe(true);
  search.index.update();
  for (let i = 0; i < 2000; i++) search.say("a", "x");
  expect(search.index.isFull()).toBe(true);
});

test("every text is found by its own first words, and no query is an error", async () => {
  await using dir = await tempDir();
  using search = openSearch(dir);
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', "' OR 1", "a AND", "NEAR(x y)", "*", "title:x", "\0", "न\u0930\u093f"),
  );
  fc.assert(
    fc.property(text, (text) => {
      const name = crypto.randomUUID();
      search.say(name, text);
      const found = search.search(text, 1000);
      const words = text.match(/[\p{L}\p{N}\p{M}]+/gu)?.slice(0, 16) ?? [];
      const haveLetters = words.every((word) => /[\p{L}\p{N}]/u.test(word));
      if (words.length > 0 && haveLetters) expect(found).toContain(name);
    }),
    { numRuns: 300 },
  );
});
