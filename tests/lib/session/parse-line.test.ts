import { expect, test } from "bun:test";

import { parseLine } from "../../../lib/session/parse-line.ts";
import { lineOf, userLine } from "./support.ts";

const a = userLine("a", "one").trim();
const b = userLine("b", [{ type: "text", text: "two" }]).trim();
const custom = lineOf({
  type: "custom",
  data: { deep: { type: "x" } },
  id: "c",
  timestamp: "t",
}).trim();

function parse(text: string | Buffer, isEnded = true, isShrunk = false) {
  const bytes = Buffer.from(text as string);
  const end = 100 + bytes.length + (isEnded ? 1 : 0);
  const { entries, damage } = parseLine({ start: 100, end, bytes, isEnded, isShrunk });
  const found = entries.map(({ entry, start, end }) => [entry["id"], start - 100, end - 100]);
  return damage === undefined ? { found } : { found, damage };
}

const torn = "torn, with an entry behind it";

test("an entry is found with its place", () => {
  expect(parse(a)).toEqual({ found: [["a", 0, a.length + 1]] });
  expect(parse(a, false)).toEqual({ found: [["a", 0, a.length]] });
});

test("a byte order mark and white space are no damage", () => {
  expect(parse(`\uFEFF${a}`)).toEqual({ found: [["a", 0, a.length + 4]] });
  expect(parse(` \t${a} `).found).toHaveLength(1);
  expect(parse("")).toEqual({ found: [] });
  expect(parse(" \t\u00a0")).toEqual({ found: [] });
});

test("an entry behind torn text is found", () => {
  for (let cut = 1; cut < b.length; cut++) {
    const line = `${b.slice(0, cut)}${a}`;
    expect(parse(line)).toEqual({ found: [["a", cut, line.length + 1]], damage: torn });
  }
});

test("NUL bytes before an entry are torn text", () => {
  expect(parse(`\0\0\0${a}`)).toEqual({ found: [["a", 3, a.length + 4]], damage: torn });
});

test("places are right behind letters of several bytes and invalid UTF-8", () => {
  const before = Buffer.concat([
    Buffer.from('{"type":"message","x":"é日🚀'),
    Buffer.from([0xff, 0xc3]),
  ]);
  const line = Buffer.concat([before, Buffer.from(a)]);
  expect(parse(line).found).toEqual([["a", before.length, line.length + 1]]);
});

test("entries that lack only the line end between them are no damage", () => {
  expect(parse(`${a}${custom}${b}`)).toEqual({
    found: [
      ["a", 0, a.length],
      ["c", a.length, a.length + custom.length],
      ["b", a.length + custom.length, a.length + custom.length + b.length + 1],
    ],
  });
});

test("a block of a torn message is no entry", () => {
  const message = userLine("d", [{ type: "text", text: "x", timestamp: "t" }]);
  expect(parse(message.slice(0, message.indexOf("}") + 1))).toEqual({
    found: [],
    damage: "not JSON",
  });
  const deep = custom.slice(0, custom.indexOf("}") + 1);
  expect(parse(deep)).toEqual({ found: [], damage: "not JSON" });
});

test("what is no entry is damage", () => {
  expect(parse("not JSON")).toEqual({ found: [], damage: "not JSON" });
  expect(parse("[1]")).toEqual({ found: [], damage: "no object with a type" });
  expect(parse("null")).toEqual({ found: [], damage: "no object with a type" });
  expect(parse(`torn${a}`, true, true)).toEqual({ found: [], damage: "not JSON" });
  const tooLarge = parseLine({ start: 0, end: 9, bytes: undefined, isShrunk: true, isEnded: true });
  expect(tooLarge).toEqual({ entries: [], damage: "too large" });
});

test("a line that is not ended holds nothing until it is complete", () => {
  expect(parse(a.slice(0, -1), false)).toEqual({ found: [] });
  expect(parse(`torn${a}`, false)).toEqual({ found: [] });
  expect(parse(`${a}${b}`, false).found).toHaveLength(2);
});

test("invalid UTF-8 in a text is read as replacement characters", () => {
  const bytes = Buffer.concat([
    Buffer.from('{"type":"custom","id":"'),
    Buffer.from([0xff]),
    Buffer.from('"}'),
  ]);
  expect(parse(bytes).found).toEqual([["\uFFFD", 0, bytes.length + 1]]);
});

test("a line full of starts costs little", () => {
  const started = performance.now();
  const { found } = parse('{"type":"message"'.repeat(400_000));
  expect(found).toEqual([]);
  expect(performance.now() - started).toBeLessThan(2000);
});
