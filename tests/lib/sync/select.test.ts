import { expect, test } from "bun:test";

import type { SessionFile } from "../../../lib/session/discover.ts";
import { selectFiles } from "../../../lib/sync/select.ts";

const file = (name: string, mtimeMs: number): SessionFile => ({
  path: `/s/--p--/${name}.jsonl`,
  size: 1,
  mtimeMs,
  nested: false,
  root: "/s",
});
const files = [
  file("2026-03-01T10-00-00-000Z_aaaa1111-0000", 100),
  file("2026-03-02T10-00-00-000Z_aaaa2222-0000", 300),
  file("2026-03-03T10-00-00-000Z_bbbb1111-0000", 200),
];
const chosen = (selection: Parameters<typeof selectFiles>[1]) =>
  selectFiles(files, selection).map((found) => files.indexOf(found));

test("without a selection all are meant, in their order", () => {
  expect(chosen({})).toEqual([0, 1, 2]);
});

test("a session is meant by its file, its file's name, or the beginning of its id", () => {
  expect(chosen({ session: files[1]!.path })).toEqual([1]);
  expect(chosen({ session: "2026-03-02T10-00-00-000Z_aaaa2222-0000.jsonl" })).toEqual([1]);
  expect(chosen({ session: "aaaa" })).toEqual([0, 1]);
  expect(chosen({ session: "1111" })).toEqual([]);
});

test("times are those of the last writing, borders included", () => {
  expect(chosen({ since: 200 })).toEqual([1, 2]);
  expect(chosen({ until: 200 })).toEqual([0, 2]);
  expect(chosen({ since: 150, until: 250 })).toEqual([2]);
});

test("a limit takes those that were written to last, in their order", () => {
  expect(chosen({ limit: 2 })).toEqual([1, 2]);
  expect(chosen({ limit: 9 })).toEqual([0, 1, 2]);
});
