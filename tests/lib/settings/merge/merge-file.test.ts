import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { mergeFile } from "../../../../lib/settings/merge/merge-file.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The merged text, or what conflicts. */
function merge(path: string, base: string | undefined, local: string, remote: string) {
  const result = mergeFile(
    path,
    base === undefined ? undefined : bytes(base),
    bytes(local),
    bytes(remote),
  );
  return result.kind === "merged"
    ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(result.content)
    : result.where;
}

describe("pi's JSON files", () => {
  test.each(["settings.json", "models.json", "keybindings.json"])("%s merges by key", (path) => {
    expect(merge(path, '{"a":1}', '{"a":1,"b":2}', '{"a":1,"c":3}')).toBe(
      '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}',
    );
  });

  test("the result is written as the local file is", () => {
    expect(
      merge(
        "settings.json",
        '{"b":1,"a":1}',
        '\uFEFF{\r\n\t"b": 2,\r\n\t"a": 1\r\n}\r\n',
        '{"a":2,"new":[1],"b":1}\n',
      ),
    ).toBe('\uFEFF{\r\n\t"b": 2,\r\n\t"a": 2,\r\n\t"new": [\r\n\t\t1\r\n\t]\r\n}\r\n');
  });

  test("a side that has it all stays as it is written", () => {
    const [base, less] = ['{"a":1,"b":1}', '{"a":2, "b":1}'];
    const all = '{ "b" : 2,\n\n "a":2 }';
    expect(merge("settings.json", base, all, less)).toBe(all);
    expect(merge("settings.json", base, less, all)).toBe(all);
  });

  test("a conflict names the key, not the value", () => {
    expect(
      merge("models.json", "{}", '{"p":{"apiKey":"sk-mine"}}', '{"p":{"apiKey":"sk-yours"}}'),
    ).toEqual(["p.apiKey"]);
  });

  test("a conflict shows no password of an address, and nothing that moves the cursor", () => {
    const text = (filter: string) =>
      `{"packages":[{"source":"git:https://me:pass@h.com/u/r\\u001b[2J","skills":["${filter}"],"x":"${filter}"}]}`;
    expect(merge("settings.json", undefined, text("a"), text("b"))).toEqual([
      String.raw`packages[git:https://h.com/u/r\u001b[2J].x`,
    ]);
  });

  test("a models.json with comments merges by lines", () => {
    const base = '{\n  // mine\n  "a": 1,\n  "x": 0,\n  "b": 1\n}\n';
    expect(
      merge(
        "models.json",
        base,
        base.replace('"a": 1', '"a": 2'),
        base.replace('"b": 1', '"b": 2'),
      ),
    ).toBe('{\n  // mine\n  "a": 2,\n  "x": 0,\n  "b": 2\n}\n');
  });

  test("one that is nested beyond all bounds does no harm", () => {
    const deep = (value: string) => `{"a":${"[".repeat(50_000)}${value}${"]".repeat(50_000)}}`;
    expect(merge("settings.json", "{}", deep("1"), deep("2"))).toEqual([
      "line 1 here, line 1 there",
    ]);
  });

  test("one in a folder is text as any", () => {
    expect(merge("skills/settings.json", '{"a":1}', '{"a":1,"b":2}', '{"a":1,"c":3}')).toEqual([
      "line 1 here, line 1 there",
    ]);
  });
});

describe("other files", () => {
  test("merge by lines", () => {
    expect(merge("AGENTS.md", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")).toBe("A\nb\nC\n");
  });

  test("conflict with the lines that do", () => {
    expect(merge("AGENTS.md", "a\nb\nc\n", "a\nx\ny\n", "a\nc\n")).toEqual([
      "lines 2-3 here, line 2 there",
    ]);
    expect(merge("AGENTS.md", "a\nb\nc\n", "a\nx\nc\n", "a\nc\n")).toEqual([
      "line 2 here, nothing at line 2 there",
    ]);
    expect(merge("AGENTS.md", undefined, "a\n", "b\n")).toEqual(["line 1 here, line 1 there"]);
  });

  test.each([
    ["a NUL", [97, 0, 10]],
    ["no UTF-8", [97, 0xff, 10]],
  ])("with %s conflict as a whole", (_what, content) => {
    for (const [base, local, remote] of [
      [content, [97], [98]],
      [[97], content, [98]],
      [[97], [98], content],
    ]) {
      expect(
        mergeFile("x", new Uint8Array(base!), new Uint8Array(local!), new Uint8Array(remote!)),
      ).toEqual({ kind: "conflict", where: ["the whole file, which is not text"] });
    }
  });
});

describe("of any contents", () => {
  const object = fc.dictionary(
    fc.constantFrom("a", "b", "packages", "__proto__"),
    fc.oneof(
      fc.constantFrom(1, 2),
      fc.uniqueArray(fc.constantFrom("x", "y", "z"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b"), fc.nat(2), { maxKeys: 2 }),
    ),
    { maxKeys: 4 },
  );
  const jsonText = fc
    .tuple(object, fc.constantFrom("", "  ", "\t"), fc.constantFrom("", "\n"))
    .map(([value, indentation, end]) => bytes(JSON.stringify(value, null, indentation) + end));
  const plainText = fc
    .array(fc.constantFrom("a\n", "b\n", "c\r\n", "d"), { maxLength: 6 })
    .map((lines) => bytes(lines.join("")));
  const content = fc.oneof(jsonText, plainText, fc.uint8Array({ maxLength: 4 }));
  const path = fc.constantFrom("settings.json", "AGENTS.md");
  const numRuns = 1500;

  test("what changed on one side alone is taken, byte by byte", () => {
    fc.assert(
      fc.property(path, content, content, (path, base, changed) => {
        const whole = { kind: "merged", content: changed };
        expect(mergeFile(path, base, base, changed)).toEqual(whole as never);
        expect(mergeFile(path, base, changed, base)).toEqual(whole as never);
        expect(mergeFile(path, base, changed, changed.slice())).toEqual(whole as never);
        expect(mergeFile(path, undefined, changed, changed.slice())).toEqual(whole as never);
      }),
      { numRuns },
    );
  });

  test("a merge that is made again comes out the same, byte by byte", () => {
    const base = fc.option(jsonText, { nil: undefined });
    const sides = fc.oneof(
      fc.tuple(base, jsonText, jsonText),
      fc.tuple(fc.option(plainText, { nil: undefined }), plainText, plainText),
    );
    fc.assert(
      fc.property(path, sides, (path, [base, local, remote]) => {
        const result = mergeFile(path, base, local, remote);
        if (result.kind === "conflict") return;
        expect(mergeFile(path, base, local, result.content)).toEqual(result);
      }),
      { numRuns },
    );
  });
});
