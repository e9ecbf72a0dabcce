import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { makeCommitId, readCommitTime } from "../../../../lib/settings/remote/commit-id.ts";
import { decodeCommit, encodeCommit } from "../../../../lib/settings/remote/commit.ts";
import type { Commit } from "../../../../lib/settings/remote/commit.ts";
import { generateIdentity, openSeal } from "../../../../lib/settings/remote/seal.ts";

const id = "20261121T093012Z-3f9a2c1d";
const parent = "20261120T093012Z-00000000";
const sha256 = "a".repeat(64);
const plain: Commit = {
  number: 7,
  id,
  parent,
  createdAt: 1_700_000_000_123,
  machine: "laptop",
  kind: "sync",
  note: undefined,
  checkpoint: 1,
  files: new Map([["AGENTS.md", { sha256, bytes: 5, isExecutable: false }]]),
};

/** Changes an entry as it is stored. */
// oxlint-disable-next-line typescript/no-explicit-any -- it may become anything
type Change = (entry: Record<string, any>) => void;

async function decodeChanged(change: Change): Promise<Commit> {
  const entry = JSON.parse(Buffer.from(await encodeCommit(plain, undefined)).toString());
  change(entry);
  return decodeCommit(Buffer.from(JSON.stringify(entry)), 7, undefined, "entry 7");
}

const anyFile = fc.option(
  fc.record({
    sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    bytes: fc.nat({ max: 5 * 1024 * 1024 }),
    isExecutable: fc.boolean(),
  }),
  { nil: undefined },
);
const anyPath = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "1", "../../etc", "é\ud800"),
  fc.string({ minLength: 1, unit: "grapheme" }).filter((path) => !path.includes("\0")),
);
const anyCommit: fc.Arbitrary<Commit> = fc.record({
  number: fc.integer({ min: 8, max: 9_999_999_999 }),
  id: fc.constant(id),
  parent: fc.constant(parent),
  createdAt: fc.nat({ max: 4_000_000_000_000 }),
  machine: fc.string({ maxLength: 50 }),
  kind: fc.constant("push"),
  note: fc.option(fc.string({ maxLength: 50 }), { nil: undefined }),
  checkpoint: fc.integer({ min: 1, max: 7 }),
  files: fc.array(fc.tuple(anyPath, anyFile), { maxLength: 10 }).map((files) => new Map(files)),
});

test("a commit is the same after encoding and decoding, plain and sealed", async () => {
  const seal = await openSeal(await generateIdentity());
  await fc.assert(
    fc.asyncProperty(anyCommit, fc.boolean(), async (commit, isSealed) => {
      const used = isSealed ? seal : undefined;
      const bytes = await encodeCommit(commit, used);
      expect(await decodeCommit(bytes, commit.number, used, "x")).toEqual(commit);
    }),
    { numRuns: 60 },
  );
});

describe("an entry that somebody made up is refused", () => {
  const file = { sha256, bytes: 5 };
  const wrong: [string, Change][] = [
    ["another number", (e) => (e["number"] = 8)],
    ["a number as text", (e) => (e["number"] = "7")],
    ["no id", (e) => delete e["id"]],
    ["an id that climbs", (e) => (e["id"] = "../../x")],
    ["an id with an impossible time", (e) => (e["id"] = "20269921T093012Z-3f9a2c1d")],
    ["no parent", (e) => (e["parent"] = null)],
    ["no time", (e) => (e["createdAt"] = 5)],
    ["no version", (e) => delete e["version"]],
    ["no body", (e) => delete e["body"]],
    ["a body that is a list", (e) => (e["body"] = [])],
    ["no machine", (e) => delete e["body"].machine],
    ["a checkpoint of 0", (e) => (e["body"].checkpoint = 0)],
    ["a checkpoint to come", (e) => (e["body"].checkpoint = 8)],
    ["half a checkpoint", (e) => (e["body"].checkpoint = 1.5)],
    ["files as a list", (e) => (e["body"].files = [file])],
    ["no files", (e) => delete e["body"].files],
    ["a negative size", (e) => (e["body"].files = { a: { ...file, bytes: -1 } })],
    ["a huge size", (e) => (e["body"].files = { a: { ...file, bytes: 6e6 } })],
    ["a size as text", (e) => (e["body"].files = { a: { ...file, bytes: "5" } })],
    ["a short hash", (e) => (e["body"].files = { a: { ...file, sha256: "abc" } })],
    ["a mode that is no bit", (e) => (e["body"].files = { a: { ...file, x: 0o777 } })],
    ["a path with NUL", (e) => (e["body"].files = { "a\0b": file })],
    ["an empty path", (e) => (e["body"].files = { "": file })],
    ["an endless path", (e) => (e["body"].files = { ["a".repeat(5000)]: file })],
    [
      "a checkpoint that deletes",
      (e) => {
        e["body"].checkpoint = 7;
        e["body"].files = { a: null };
      },
    ],
    [
      "too many files",
      (e) =>
        (e["body"].files = Object.fromEntries(
          Array.from({ length: 10_001 }, (_, index) => [`f${index}`, file]),
        )),
    ],
  ];
  test.each(wrong)("%s", async (_, change) => {
    await expect(decodeChanged(change)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("entry 7"),
    });
  });

  test.each([
    ["nothing", ""],
    ["null", "null"],
    ["half an object", '{"version": 2'],
    ["endless lists", "[".repeat(100_000)],
    ["no text", "\xff\xfe"],
  ])("%s", async (_, text) => {
    const bytes = Buffer.from(text, "latin1");
    await expect(decodeCommit(bytes, 7, undefined, "x")).rejects.toMatchObject({ code: "refused" });
  });

  test("one that was not changed is taken", async () => {
    expect(await decodeChanged(() => {})).toEqual(plain);
  });
});

test("a newer version asks for an update", async () => {
  await expect(decodeChanged((entry) => (entry["version"] = 3))).rejects.toMatchObject({
    code: "refused",
    hint: expect.stringContaining("Update"),
  });
});

test("names can't steer a terminal and are not endless", async () => {
  const commit = await decodeChanged((entry) => {
    entry["body"].machine = `\u001b[31mred\u202e\n${"x".repeat(1000)}`;
    entry["body"].note = "\u0007";
  });
  expect(commit.machine.slice(0, 12)).toBe(" [31mred  xx");
  expect(commit.machine.length).toBe(200);
  expect(commit.note).toBe(" ");
});

describe("ids", () => {
  test("an id says its time to the second", () => {
    const made = makeCommitId(Date.UTC(2026, 10, 21, 9, 30, 12, 999), undefined);
    expect(made).toMatch(/^20261121T093012Z-[0-9a-f]{8}$/);
    expect(readCommitTime(made)).toBe(Date.UTC(2026, 10, 21, 9, 30, 12));
  });

  test("a clock that goes wrong never goes behind the parent", () => {
    expect(makeCommitId(0, id).slice(0, 16)).toBe(id.slice(0, 16));
  });
});
