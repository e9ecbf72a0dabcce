import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { AppError } from "../../../lib/errors.ts";
import { asArray, asRecord } from "../../../lib/session/value.ts";
import { ownField } from "../../../lib/settings/canonical-json.ts";
import { applyShared, shareSettings } from "../../../lib/settings/shared-settings.ts";

function share(text: string | object, localKeys: string[] = []): unknown {
  const shared = shareSettings(typeof text === "string" ? text : JSON.stringify(text), localKeys);
  return shared && JSON.parse(new TextDecoder().decode(shared));
}

function apply(settings: object, shared: object | undefined, localKeys: string[] = []): unknown {
  const bytes = shared && new TextEncoder().encode(JSON.stringify(shared));
  return JSON.parse(applyShared(JSON.stringify(settings), bytes, localKeys));
}

describe("the shared part", () => {
  test("is canonical", () => {
    const shared = shareSettings('\uFEFF{"b":{"y":1,"x":[{"d":1,"c":2}]},\r\n"a":null}', []);
    expect(new TextDecoder().decode(shared)).toBe(`{
  "a": null,
  "b": {
    "x": [
      {
        "c": 2,
        "d": 1
      }
    ],
    "y": 1
  }
}
`);
  });

  test("has no key of this machine", () => {
    expect(
      share({
        lastChangelogVersion: "1",
        shellPath: "/bin/sh",
        npmCommand: ["npm"],
        sessionDir: "/s",
        shellCommandPrefix: "x",
        theme: "dark",
        nested: { shellPath: 1 },
      }),
    ).toEqual({ theme: "dark", nested: { shellPath: 1 } });
  });

  test("has no key that is to stay local, by name or path", () => {
    const settings = { a: 1, b: { c: 1, d: { e: 1, "f.g": 1 } }, "b.h": 1, i: 1 };
    expect(share(settings, ["a", "b.c", "b.d.f.g", "b.h"])).toEqual({ b: { d: { e: 1 } }, i: 1 });
  });

  test("has no package that is a path", () => {
    const local = [
      "./a",
      "../a",
      "/a",
      "~/a",
      "~",
      "file:///a",
      "C:\\a",
      "c:/a",
      "\\\\nas\\a",
      " ./a",
      "a",
      "a/b",
    ];
    const shared = [
      "npm:a",
      "npm:@s/a@1",
      "git:github.com/a/b",
      "github:a/b",
      "https://h.com/a/b",
      "ssh://git@h.com/a/b",
      "git@h.com:a/b",
      " npm:a",
    ];
    const objects = (sources: string[]) => sources.map((source) => ({ source, skills: [] }));
    expect(
      share({ packages: [...local, ...shared, ...objects(local), ...objects(shared)] }),
    ).toEqual({ packages: [...shared, ...objects(shared)] });
  });

  test.each([
    ["an empty file", ""],
    ["an empty object", "{}"],
    ["local keys alone", '{"shellPath":"/bin/sh","packages":["./a"],"t":{"x":1}}'],
  ])("is none for %s", (_what, text) => {
    expect(shareSettings(text, ["t.x"])).toBeUndefined();
  });

  test.each([
    ["a list", "[]"],
    ["no JSON", '{"apiKey": "sk-secret", }'],
    ["what is nested beyond all bounds", `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`],
  ])("is refused of %s, without a word of the content", (_what, text) => {
    try {
      shareSettings(text, []);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect((error as AppError).code).toBe("config");
      expect((error as AppError).message).not.toContain("secret");
    }
    expect(() => applyShared("{}", new TextEncoder().encode(text), [])).toThrow(AppError);
  });
});

describe("what is applied", () => {
  test("replaces, adds and removes what is shared, and leaves the rest", () => {
    const settings = { theme: "a", shellPath: "/sh", gone: 1, t: { x: 1, y: 1 } };
    const shared = { t: { y: 2 }, theme: "b", fresh: 1 };
    expect(JSON.stringify(apply(settings, shared, ["t.x"]))).toBe(
      '{"theme":"b","shellPath":"/sh","t":{"x":1,"y":2},"fresh":1}',
    );
  });

  test("removes all that is shared where there is none", () => {
    expect(
      apply({ a: 1, shellPath: "/sh", packages: ["npm:a", "./b"], t: { x: 1, y: 1 } }, undefined, [
        "t.x",
      ]),
    ).toEqual({ shellPath: "/sh", packages: ["./b"], t: { x: 1 } });
    expect(apply({ packages: ["npm:a"], t: { y: 1 } }, undefined, ["t.x"])).toEqual({});
  });

  test("does not bring or remove what is local, whatever the storage says", () => {
    const hostile = {
      shellPath: "/evil",
      npmCommand: ["evil"],
      t: "no object",
      packages: ["/evil", "npm:a", { source: "../evil" }],
    };
    expect(apply({ shellPath: "/sh", t: { x: 1 }, packages: ["./b"] }, hostile, ["t.x"])).toEqual({
      shellPath: "/sh",
      t: { x: 1 },
      packages: ["./b", "npm:a"],
    });
    expect(apply({}, hostile, ["t.x"])).toEqual({ packages: ["npm:a"] });
  });

  test("leaves what is not shared because there is nothing in it", () => {
    const settings = { packages: [], t: "no object", theme: "a" };
    expect(apply(settings, { theme: "b" }, ["t.x"])).toEqual({ ...settings, theme: "b" });
  });

  test("leaves local packages in their places", () => {
    const packages = ["npm:b", "./x", { source: "npm:a", skills: [], prompts: [] }, "./y"];
    expect(
      JSON.stringify(
        apply(
          { packages },
          { packages: [{ prompts: [], skills: [], source: "npm:a" }, "npm:c", "npm:d"] },
        ),
      ),
    ).toBe(
      '{"packages":[{"source":"npm:a","skills":[],"prompts":[]},"./x","npm:c","./y","npm:d"]}',
    );
  });

  test("keeps the style of the file", () => {
    const shared = new TextEncoder().encode('{"a":2,"b":{"c":1}}');
    expect(applyShared('\uFEFF{\r\n\t"shellPath": "x",\r\n\t"a": 1\r\n}\r\n', shared, [])).toBe(
      '\uFEFF{\r\n\t"shellPath": "x",\r\n\t"a": 2,\r\n\t"b": {\r\n\t\t"c": 1\r\n\t}\r\n}\r\n',
    );
    expect(applyShared("", shared, [])).toBe('{\n  "a": 2,\n  "b": {\n    "c": 1\n  }\n}\n');
  });

  test("keys such as __proto__ are data", () => {
    const shared = new TextEncoder().encode('{"__proto__":{"x":1},"constructor":2}');
    expect(JSON.stringify(JSON.parse(applyShared("{}", shared, [])))).toBe(
      '{"__proto__":{"x":1},"constructor":2}',
    );
    expect(applyShared('{"__proto__":{"x":1}}', undefined, [])).toBe("{}");
  });
});

describe("of any settings", () => {
  const localKeys = ["mine", "t.x", "t.u.v"];
  const key = fc.constantFrom(
    "",
    "t",
    "u",
    "v",
    "x",
    "mine",
    "shellPath",
    "packages",
    "__proto__",
    "1",
    "t.x",
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(1, "a", null),
      fc.array(fc.constantFrom("npm:a", "npm:b", "./x", "/y"), { maxLength: 4 }),
      fc.dictionary(key, tie("json"), { maxKeys: 4 }),
    ),
  }));
  const settings = fc.dictionary(key, json, { maxKeys: 7 });
  const text = fc
    .tuple(settings, fc.constantFrom("", "  ", "\t"), fc.constantFrom("", "\n"))
    .map(([value, indentation, end]) => JSON.stringify(value, null, indentation) + end);
  const decode = (shared: Uint8Array | undefined) => shared && new TextDecoder().decode(shared);
  const numRuns = 3000;

  test("what was applied is what is shared then", () => {
    fc.assert(
      fc.property(text, text, (mine, yours) => {
        const shared = shareSettings(yours, localKeys);
        const applied = applyShared(mine, shared, localKeys);
        expect(decode(shareSettings(applied, localKeys))).toBe(decode(shared) as never);
        expect(applyShared(applied, shared, localKeys)).toBe(applied);
      }),
      { numRuns },
    );
  });

  test("all that is local stays, and nothing of it arrives", () => {
    const localOf = (settings: Record<string, unknown>) => ({
      mine: settings["mine"],
      shellPath: settings["shellPath"],
      x: ownField(asRecord(settings["t"]) ?? {}, "x"),
      packages: asArray(settings["packages"]).filter((at) => /^[./]/.test(String(at))),
    });
    fc.assert(
      fc.property(settings, settings, (mine, yours) => {
        expect(localOf(asRecord(apply(mine, yours, localKeys)) ?? {})).toEqual(localOf(mine));
      }),
      { numRuns },
    );
  });

  test("what is the same already is not touched", () => {
    fc.assert(
      fc.property(text, (text) => {
        expect(applyShared(text, shareSettings(text, localKeys), localKeys)).toBe(text);
      }),
      { numRuns },
    );
  });
});
