import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { listJsonStrings } from "../../../../lib/settings/secrets/json-strings.ts";

const show = (text: string) => listJsonStrings(text).map(({ key, value }) => [key, value]);

/** The same by a walk through the parsed value. */
function walk(value: unknown, key = ""): [string, string][] {
  if (typeof value === "string") return [[key, value]];
  if (Array.isArray(value)) return value.flatMap((inner) => walk(inner));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => walk(inner, name));
}

const root = fc
  .jsonValue()
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => typeof value === "object" && value !== null);

test("finds what a parser finds, at its place, however it is laid out", () => {
  fc.assert(
    fc.property(root, fc.constantFrom("", " ", "\t", "\r\n"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const strings = listJsonStrings(text);
      expect(strings.map(({ key, value }) => [key, value])).toEqual(walk(value));
      for (const { start, end, value } of strings) {
        expect(JSON.parse(text.slice(start - 1, end + 1))).toBe(value);
      }
    }),
  );
});

test.each<[string, [string, string][]]>([
  [
    '{"a": "1", // "b": "2"\n "c": "3",}',
    [
      ["a", "1"],
      ["c", "3"],
    ],
  ],
  ['/* {"a": "1"} */ {"b": /**/ "2"}', [["b", "2"]]],
  [
    '{"a": "x // y", "b": ["1", "2",],}',
    [
      ["a", "x // y"],
      ["", "1"],
      ["", "2"],
    ],
  ],
  [
    '{"a": {"b": ["1", {"c": "2"}, "3"]}, "d": "4"}',
    [
      ["", "1"],
      ["c", "2"],
      ["", "3"],
      ["d", "4"],
    ],
  ],
  [
    '{"a": "1"}\n{"b": "2"}',
    [
      ["a", "1"],
      ["b", "2"],
    ],
  ],
  [
    '{a: "1", "b": {c: "2"}}',
    [
      ["", "1"],
      ["", "2"],
    ],
  ],
  ['[link](https://example.com) "x"', []],
  ['{"a": "open\n"}', []],
  ['{"a": "1"} rest "x"', [["a", "1"]]],
  ['{"a": "1" /* open', [["a", "1"]]],
])("of %p", (text, strings) => {
  expect(show(text)).toEqual(strings);
});

test("a megabyte of what is hard takes less than a second", () => {
  for (const piece of ["[", '{"a":', '"', "\\", '["\\"', "/*", "//", '{"a":"b"},', '{"k":["v",']) {
    const text = `{"x":${piece.repeat(1e6 / piece.length)}`;
    const start = performance.now();
    listJsonStrings(text);
    expect(performance.now() - start).toBeLessThan(1000);
  }
});
