import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import type { MessagePut, Part } from "../../../lib/opensync/wire.ts";
import { fitMessage, fitSession } from "../../../lib/transcript/fit.ts";
import { storableJson, storedBytes } from "../../../lib/transcript/storable.ts";

const kib = 1024;
const mib = 1024 * kib;

function fitParts(...parts: Part[]): Part[] {
  return fitMessage({ sessionExternalId: "s", externalId: "m", role: "tool", parts }).parts ?? [];
}

function fitArgs(args: unknown): unknown {
  const [part] = fitParts({ type: "tool-call", content: { name: "t", args } });
  return (part?.content as { args: unknown }).args;
}

describe("text", () => {
  test("is cut on a character border, with a note of how much", () => {
    const { textContent = "" } = fitMessage({
      sessionExternalId: "s",
      externalId: "m",
      role: "user",
      textContent: "🚀".repeat(mib / 4 + 1),
    });
    expect(Buffer.byteLength(textContent)).toBeLessThanOrEqual(900 * kib);
    const [, kept, bytes] = /^(🚀+)\n… \[cut: (\d+) bytes\]$/u.exec(textContent) ?? [];
    expect(Buffer.byteLength(kept ?? "") + Number(bytes)).toBe(mib + 4);
  });

  test("holds no lone surrogates", () => {
    const [part] = fitParts({ type: "text", content: "a\ud83d b" });
    expect(part?.content).toBe("a\ufffd b");
  });
});

describe("tool arguments", () => {
  test("that OpenSync can store stay as they are", () => {
    const args = { path: "a.ts", edits: [{ old: "x", new: "y" }], "a b": 1, _x: null, "": true };
    expect(fitArgs(args)).toEqual(args);
  });

  test("with names that Convex refuses arrive as a list of names and values", () => {
    expect(fitArgs({ schema: { $ref: "#/a", 日本: 1 } })).toEqual({
      schema: [
        { name: "$ref", value: "#/a" },
        { name: "日本", value: 1 },
      ],
    });
    expect(fitArgs(JSON.parse('{"__proto__": 1}'))).toEqual([{ name: "__proto__", value: 1 }]);
  });

  test("with more fields than Convex takes arrive as a list", () => {
    const many = Object.fromEntries(Array.from({ length: 1025 }, (_, n) => [`k${n}`, n]));
    expect(fitArgs(many)).toHaveLength(1025);
  });

  test("nested too deep or too long a list arrive as JSON text", () => {
    let deep: unknown = "bottom";
    for (let level = 0; level < 70; level++) deep = { in: deep };
    expect(JSON.stringify(fitArgs(deep))).toContain("bottom");
    expect(depthOf(fitArgs(deep))).toBeLessThanOrEqual(12);
    expect(fitArgs(Array.from({ length: 8193 }, () => 1))).toStartWith("[1,1,");
  });

  test("nested deeper than a stack are no error", () => {
    const deep = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`) as unknown;
    expect(depthOf(fitArgs(deep))).toBeLessThanOrEqual(12);
  });

  test("that are too large are cut", () => {
    const args = fitArgs({ path: "a", content: "x".repeat(5 * mib) }) as { content: string };
    expect(args).toMatchObject({ path: "a" });
    expect(args.content).toContain("… [cut: ");
    expect(storedBytes(args)).toBeLessThanOrEqual(900 * kib);
  });
});

test("a message of many large parts stays within a request", () => {
  const parts = fitParts(
    ...Array.from({ length: 9 }, (): Part => ({ type: "text", content: "x".repeat(800 * kib) })),
  );
  expect(storedBytes(parts)).toBeLessThan(3.2 * mib);
  expect(parts.at(-1)?.content).toMatch(/^\[\d parts? left out\]$|more parts left out\]$/);
});

test("names of models can be names of fields", () => {
  const name = (model: string) => fitSession({ externalId: "s", model }).model;
  expect(name("claude-opus-4-5")).toBe("claude-opus-4-5");
  expect(name("$modèle")).toBe("mod?le");
  expect(name("$")).toBe("unknown");
});

test("any JSON value is storable, and a storable one does not change again", () => {
  const anything = fc.jsonValue({ maxDepth: 20 });
  fc.assert(
    fc.property(anything, fc.integer({ min: 2000, max: 100_000 }), (value, bytesMax) => {
      const stored = storableJson(value, bytesMax);
      expect(depthOf(stored)).toBeLessThanOrEqual(13);
      expect(namesOf(stored).every((name) => /^(?!\$)[\x20-\x7e]*$/.test(name))).toBe(true);
      expect(storableJson(stored, bytesMax)).toEqual(stored);
    }),
    { numRuns: 300 },
  );
});

test("a message that fits does not change", () => {
  const put: MessagePut = {
    sessionExternalId: "s",
    externalId: "m",
    role: "assistant",
    textContent: "Hi",
    parts: [{ type: "text", content: "Hi" }],
  };
  expect(fitMessage(put)).toEqual(put);
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function namesOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.values(value).flatMap(namesOf);
  return Array.isArray(value) ? below : [...Object.keys(value), ...below];
}
