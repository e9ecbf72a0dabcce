import { expect, test } from "bun:test";
import { array, assert, asyncProperty, constantFrom, integer, string } from "fast-check";

import { readLines } from "../../../lib/session/lines.ts";
import type { ByteSource, Line } from "../../../lib/session/lines.ts";

interface Options {
  from?: number;
  pieceBytes?: number;
  lineBytesMax?: number;
  /** At most so many bytes a read. */
  counts?: number[];
}

async function split(content: string | Buffer, options: Options = {}) {
  const bytes = Buffer.from(content as string);
  const { from = 0, pieceBytes = 16, counts = [], ...limits } = options;
  let reads = 0;
  const source: ByteSource = {
    read: (into, position) => {
      const most = counts[reads++ % counts.length] ?? into.length;
      const piece = bytes.subarray(position, position + Math.min(into.length, most));
      into.set(piece);
      return Promise.resolve(piece.length);
    },
  };
  const lines: (Omit<Line, "bytes"> & { text: string | undefined })[] = [];
  for await (const batch of readLines(source, from, { pieceBytes, ...limits })) {
    for (const { bytes, ...line } of batch) lines.push({ ...line, text: bytes?.toString() });
  }
  return lines;
}

const texts = async (content: string | Buffer, options?: Options) =>
  (await split(content, options)).map(({ text }) => text);

test("only LF ends a line, and a CR before it is no part of the line", async () => {
  expect(await texts("a\u2028b\u2029c\u0085d\rf\n\r\n\ng\r\n")).toEqual([
    "a\u2028b\u2029c\u0085d\rf",
    "",
    "",
    "g",
  ]);
});

test("every line knows its bytes", async () => {
  expect(await split("é\n\nlast")).toEqual([
    { start: 0, end: 3, text: "é", isShrunk: false, isEnded: true },
    { start: 3, end: 4, text: "", isShrunk: false, isEnded: true },
    { start: 4, end: 8, text: "last", isShrunk: false, isEnded: false },
  ]);
});

test("goes on from an offset", async () => {
  expect(await split("one\ntwo\n", { from: 4 })).toMatchObject([{ start: 4, end: 8, text: "two" }]);
  expect(await split("one\n", { from: 4 })).toEqual([]);
});

test("lines are the same however they are read", async () => {
  const line = string({ unit: constantFrom("a", "é", "🚀", "\r", "\u2028"), maxLength: 60 });
  const counts = array(integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
  const property = asyncProperty(
    array(line, { maxLength: 12 }),
    integer({ min: 1, max: 50 }),
    counts,
    async (parts, pieceBytes, counts) => {
      const content = parts.join("\n");
      const lines = await split(content, { pieceBytes, counts });
      const bytes = Buffer.from(content);
      expect(lines.map(({ start, end }) => bytes.subarray(start, end).toString()).join("")).toBe(
        content,
      );
      expect(lines.map(({ text }) => text)).toEqual(
        content
          .split("\n")
          .filter((text, index, all) => index < all.length - 1 || text !== "")
          .map((text) => text.replace(/\r$/, "")),
      );
    },
  );
  await assert(property, { numRuns: 200 });
});

test("a line that is too large is shrunk, and the lines around it are not", async () => {
  const large = JSON.stringify({ type: "x", data: "d".repeat(20_000) });
  const content = `{"a":1}\n${large}\n{"b":2}\n${large}`;
  for (const pieceBytes of [7, 1000, 100_000]) {
    const lines = await split(content, { pieceBytes, lineBytesMax: 2000 });
    const [first, shrunk, third, rest] = lines;
    if (pieceBytes < 20_000) {
      expect(shrunk).toMatchObject({
        start: 8,
        end: 8 + large.length + 1,
        isShrunk: true,
        isEnded: true,
      });
      expect(JSON.parse(shrunk!.text!)).toMatchObject({ type: "x" });
      expect(shrunk!.text!.length).toBeLessThan(2000);
      expect(rest!.text).toBe(shrunk!.text);
    }
    expect([first!.text, third!.text]).toEqual(['{"a":1}', '{"b":2}']);
    expect([first!.isShrunk, third!.isShrunk, rest!.isEnded]).toEqual([false, false, false]);
  }
});

test("a line that stays too large has no bytes", async () => {
  const content = `${JSON.stringify(Array.from({ length: 2000 }, () => 1))}\n{"b":2}\n`;
  const lines = await split(content, { pieceBytes: 100, lineBytesMax: 1000 });
  expect(lines.map(({ text }) => text)).toEqual([undefined, '{"b":2}']);
});

test("a signal ends the reading between two pieces", async () => {
  const abort = new AbortController();
  const source: ByteSource = { read: (into) => Promise.resolve(into.fill("a\n").length) };
  const read = async () => {
    const batches = readLines(source, 0, { pieceBytes: 4, signal: abort.signal });
    for await (const lines of batches) if (lines.length > 0) abort.abort(new Error("enough"));
  };
  expect(read()).rejects.toThrow("enough");
});
