import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { locateJsonError } from "../../../lib/config/json-error.ts";

test.each([
  ["", 1, 1],
  ["{", 1, 2],
  ['{"a": 1,}', 1, 9],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
  ['{\n  // why\n  "a": 1}', 2, 3],
  ["{'a': 1}", 1, 2],
  ['{"a": tru}', 1, 7],
  ['{"a": 01}', 1, 8],
  ['{"a": "x\ny"}', 1, 7],
  ['{"a": "\\x"}', 1, 7],
  ['{"a" 1}', 1, 6],
  ["[1, 2", 1, 6],
  ["[1,]", 1, 4],
  ["{} x", 1, 4],
])("%j stops being JSON at line %i, column %i", (text, line, column) => {
  expect(() => JSON.parse(text) as unknown).toThrow();
  expect(locateJsonError(text)).toEqual({ line, column });
});

test("it finds nothing in JSON", () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 2, "\t"), (text, indent) => {
      expect(locateJsonError(JSON.stringify(JSON.parse(text), null, indent))).toBeUndefined();
    }),
  );
});

test("it agrees with JSON.parse on damaged JSON", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, at, change) => {
      const place = at % (text.length + 1);
      const damaged = text.slice(0, place) + change + text.slice(place + 1);
      let isJson = true;
      try {
        JSON.parse(damaged);
      } catch {
        isJson = false;
      }
      expect(locateJsonError(damaged) === undefined).toBe(isJson);
    }),
    { numRuns: 1000 },
  );
});
