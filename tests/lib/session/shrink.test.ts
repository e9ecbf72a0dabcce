import { expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, integer, nat, property } from "fast-check";

import { cutBytes } from "../../../lib/session/cut.ts";
import { LineShrinker } from "../../../lib/session/shrink.ts";

const bytesMax = 4096;

function shrink(line: string | Buffer, pieceBytes = 1000, max = bytesMax): Buffer | undefined {
  const bytes = Buffer.from(line as string);
  const shrinker = new LineShrinker(max);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    shrinker.push(bytes.subarray(at, at + pieceBytes));
  }
  return shrinker.end();
}

function shrinkValue(value: unknown, pieceBytes?: number): unknown {
  return JSON.parse(shrink(JSON.stringify(value), pieceBytes)!.toString());
}

/** JSON with all other characters than ASCII escaped, or none. */
function toJson(value: unknown, isEscaped: boolean): string {
  const json = JSON.stringify(value);
  return isEscaped ? json.replaceAll(/[^\x20-\x7e]/g, escapeUnit) : json;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The kept beginning of a text that was cut. */
function keptOf(text: string): string {
  return text.slice(0, text.lastIndexOf("\n… [cut: "));
}

test("a long string keeps its beginning and says how much is missing", () => {
  const data = Buffer.alloc(100_000, "QUJD").toString();
  const small = shrinkValue({ type: "image", data, mimeType: "image/png" }) as { data: string };
  expect(small).toMatchObject({ type: "image", mimeType: "image/png" });
  const kept = keptOf(small.data);
  expect(data.startsWith(kept)).toBe(true);
  expect(kept.length).toBeGreaterThan(400);
  expect(kept.length + cutBytes(small.data)).toBe(data.length);
});

test("short strings, numbers and keys stay as they are", () => {
  const value = { a: 1.5e10, b: [true, null, 'x"\\y'], c: { "k\u2028": "é" } };
  expect(shrinkValue(value)).toEqual(value);
});

test("very many long strings still fit", () => {
  const content = Array.from({ length: 60 }, () => ({ type: "text", text: "x".repeat(50_000) }));
  const bytes = shrink(JSON.stringify({ content }), 64 * 1024, 1 << 16)!;
  expect(bytes.length).toBeLessThan(1 << 16);
  const { content: small } = JSON.parse(bytes.toString()) as { content: typeof content };
  expect(small.map(({ text }) => keptOf(text).length + cutBytes(text))).toEqual(
    content.map(() => 50_000),
  );
});

test("a line that is large by its structure is given up", () => {
  expect(shrink(JSON.stringify(Array.from({ length: 5000 }, () => 1)))).toBeUndefined();
  expect(shrink(JSON.stringify(Array.from({ length: 5000 }, () => "id")))).toBeUndefined();
  expect(shrink(Buffer.concat([Buffer.from('"'), Buffer.alloc(1 << 20, 0x80)]))).toBeUndefined();
});

test("a string whose end is missing stays open", () => {
  for (const text of ["short", "x".repeat(5000)]) {
    const bytes = shrink(`{"type":"${text}`)!;
    expect(() => JSON.parse(bytes.toString()) as unknown).toThrow();
  }
});

test("a cut leaves no half character or escape, whatever the string and the pieces", () => {
  const part = constantFrom("a", "é", "日", "🚀", "\\", '"', "\n", "\u0001", "\u2028");
  const text = array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""));
  const isAscii = boolean();
  assert(
    property(text, nat(300), isAscii, integer({ min: 1, max: 200 }), (text, lead, ascii, piece) => {
      const long = "x".repeat(lead) + text.repeat(Math.ceil(2000 / text.length));
      const bytes = shrink(toJson({ before: 1, long, after: "end" }, ascii), piece, 2000)!;
      const small = JSON.parse(bytes.toString()) as { long: string; after: string };
      expect(small.after).toBe("end");
      const kept = keptOf(small.long);
      expect(kept.isWellFormed() && long.startsWith(kept) && kept.length > 20).toBe(true);
      const keptBytes = Buffer.byteLength(toJson(kept, ascii)) - 2;
      const allBytes = Buffer.byteLength(toJson(long, ascii)) - 2;
      expect(cutBytes(small.long)).toBe(allBytes - keptBytes);
    }),
    { numRuns: 300 },
  );
});
