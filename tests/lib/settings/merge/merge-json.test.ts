import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { canonicalJson } from "../../../../lib/settings/canonical-json.ts";
import { mergeJson } from "../../../../lib/settings/merge/merge-json.ts";

type Json = unknown;

describe("what merges", () => {
  const cases: [what: string, base: Json, local: Json, remote: Json, merged: Json][] = [
    ["different keys", { a: 1 }, { a: 1, b: 2 }, { a: 1, c: 3 }, { a: 1, b: 2, c: 3 }],
    ["a change and a removal", { a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1 }, { a: 2 }],
    [
      "keys of an object in an object",
      { t: { x: 1, y: 1 } },
      { t: { x: 2, y: 1 } },
      { t: { x: 1, y: 2 } },
      { t: { x: 2, y: 2 } },
    ],
    [
      "a package that each added",
      { packages: ["npm:a"] },
      { packages: ["npm:a", "npm:b"] },
      { packages: ["npm:c", "npm:a"] },
      { packages: ["npm:c", "npm:a", "npm:b"] },
    ],
    [
      "a first package that each added",
      {},
      { p: ["npm:b"] },
      { p: ["npm:c"] },
      { p: ["npm:c", "npm:b"] },
    ],
    ["an element added, another removed", ["a", "b"], ["b"], ["a", "b", "c"], ["b", "c"]],
    ["an element added, others moved", ["a", "b"], ["a", "b", "c"], ["b", "a"], ["b", "c", "a"]],
    ["elements moved on both sides", [1, 2, 3], [3, 2, 1], [2, 1, 3], [3, 2, 1]],
    [
      "a package turned into an object, and another added",
      ["npm:a"],
      [{ source: "npm:a", skills: [] }],
      ["npm:a", "npm:b"],
      [{ source: "npm:a", skills: [] }, "npm:b"],
    ],
    [
      "a new version of a package, and another package",
      ["npm:@s/a@1"],
      ["npm:@s/a@2"],
      ["npm:@s/a@1", "npm:b"],
      ["npm:@s/a@2", "npm:b"],
    ],
    [
      "fields of an element known by its id",
      [{ id: "m", cost: 1, name: "M" }],
      [{ id: "m", cost: 2, name: "M" }],
      [{ id: "m", cost: 1, name: "N" }],
      [{ id: "m", cost: 2, name: "N" }],
    ],
    [
      "without a base, different keys",
      undefined,
      { a: 1, c: 3 },
      { b: 2, c: 3 },
      { a: 1, b: 2, c: 3 },
    ],
    ["null as any value", { a: 1, b: null }, { a: null, b: null }, { a: 1 }, { a: null }],
  ];

  test.each(cases)("%s", (_what, base, local, remote, merged) => {
    const result = mergeJson(base, local, remote);
    expect(result).toEqual({ kind: "merged", value: merged });
  });

  test("keys stay in the local order, new ones come behind", () => {
    const result = mergeJson({ z: 1, a: 1 }, { z: 1, a: 2 }, { b: 3, a: 1, z: 2 });
    expect(JSON.stringify(result)).toBe('{"kind":"merged","value":{"z":2,"a":2,"b":3}}');
  });

  test("names that JavaScript gives a meaning are data", () => {
    const result = mergeJson(
      JSON.parse('{"a":1}'),
      JSON.parse('{"a":1,"__proto__":{"x":1},"toString":2}'),
      JSON.parse('{"a":2,"constructor":{"prototype":{"y":1}}}'),
    );
    expect(JSON.stringify(result)).toBe(
      '{"kind":"merged","value":{"a":2,"__proto__":{"x":1},"toString":2,"constructor":{"prototype":{"y":1}}}}',
    );
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});

describe("what conflicts, and where", () => {
  const cases: [what: string, base: Json, local: Json, remote: Json, where: string[]][] = [
    ["a key with two new values", { theme: "a" }, { theme: "b" }, { theme: "c" }, ["theme"]],
    ["two keys", { a: 1, b: { c: 1 } }, { a: 2, b: { c: 2 } }, { a: 3, b: { c: 3 } }, ["a", "b.c"]],
    ["a key removed and changed", { a: { x: 1 } }, {}, { a: { x: 2 } }, ["a"]],
    ["an element removed and changed", ["npm:a"], [], [{ source: "npm:a" }], ["[npm:a]"]],
    [
      "a package changed in two ways",
      { packages: ["npm:a"] },
      { packages: [{ source: "npm:a", skills: ["x"] }] },
      { packages: [{ source: "npm:a", skills: "all" }] },
      ["packages[npm:a].skills"],
    ],
    ["two versions of a package", ["npm:a@1"], ["npm:a@2"], ["npm:a@3"], ["[npm:a]"]],
    [
      "two versions of a repository",
      ["git:h.com/u/r@1"],
      ["git:h.com/u/r@2"],
      ["git:h.com/u/r@3"],
      ["[git:h.com/u/r]"],
    ],
    ["an object that became something else", { a: {} }, { a: 1 }, { a: { b: 1 } }, ["a"]],
    ["a list with an element twice", { a: [] }, { a: [1, 1] }, { a: [2] }, ["a"]],
    ["without a base, two values", undefined, { a: 1, b: 1 }, { a: 2, b: 1 }, ["a"]],
    ["all of it", 1, 2, 3, ["the whole file"]],
  ];

  test.each(cases)("%s", (_what, base, local, remote, where) => {
    expect(mergeJson(base, local, remote)).toEqual({ kind: "conflict", where });
    expect(mergeJson(base, remote, local)).toEqual({ kind: "conflict", where });
  });
});

describe("of any values", () => {
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(1, 2, "a", "b", null),
      fc.array(tie("json"), { maxLength: 4 }),
      fc.uniqueArray(fc.constantFrom("a", "b", "npm:c@1", "npm:c@2", 1, 2), { maxLength: 6 }),
      fc.dictionary(fc.constantFrom("a", "b", "source", "__proto__"), tie("json"), { maxKeys: 3 }),
    ),
  }));
  const numRuns = 2000;

  const merge = (base: Json, local: Json, remote: Json): string | undefined => {
    const result = mergeJson(base, local, remote);
    return result.kind === "merged" ? canonicalJson(result.value) : undefined;
  };

  test("what changed on one side alone is taken", () => {
    fc.assert(
      fc.property(json, json, (base, changed) => {
        expect(merge(base, base, changed)).toBe(canonicalJson(changed));
        expect(merge(base, changed, base)).toBe(canonicalJson(changed));
        expect(merge(base, changed, changed)).toBe(canonicalJson(changed));
      }),
      { numRuns },
    );
  });

  test("a merge that is made again comes out the same", () => {
    const list = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 6 });
    const property = fc.property(
      fc.oneof(fc.tuple(json, json, json), fc.tuple(list, list, list)),
      ([base, local, remote]) => {
        const result = mergeJson(base, local, remote);
        if (result.kind === "conflict") return;
        expect(merge(base, local, result.value)).toBe(canonicalJson(result.value));
      },
    );
    fc.assert(property, { numRuns });
  });

  test("sides merge or conflict either way round, to the same but for the order of lists", () => {
    const sorted = (value: Json): Json =>
      Array.isArray(value) ? value.map((item) => canonicalJson(sorted(item))).sort() : value;
    const list = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", 1), { maxLength: 5 });
    fc.assert(
      fc.property(list, list, list, (base, local, remote) => {
        const one = mergeJson(base, local, remote);
        const other = mergeJson(base, remote, local);
        expect(one.kind).toBe("merged");
        expect(other.kind).toBe("merged");
        if (one.kind === "conflict" || other.kind === "conflict") return;
        expect(sorted(one.value)).toEqual(sorted(other.value));
        const isWanted = (item: string | number) =>
          base.includes(item)
            ? local.includes(item) && remote.includes(item)
            : local.includes(item) || remote.includes(item);
        expect(new Set(one.value as never)).toEqual(
          new Set([...base, ...local, ...remote].filter(isWanted)),
        );
      }),
      { numRuns },
    );
  });
});
