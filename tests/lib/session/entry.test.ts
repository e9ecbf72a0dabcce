import type { SessionEntry } from "@mariozechner/pi-coding-agent";
import { expect, test } from "bun:test";

import { parseEntry, parseHeader } from "../../../lib/session/entry.ts";
import type { Entry } from "../../../lib/session/entry.ts";

test("pi's own entries are entries", () => {
  // TypeScript lets no interface stand for a type with an index signature, hence their fields.
  type Fields<T> = { [Name in keyof T]: T[Name] };
  type IsEntry = Fields<SessionEntry> extends Entry ? true : false;
  const isEntry: IsEntry = true;
  expect(isEntry).toBe(true);
});

test("keeps an entry as it is, unknown types and the order of its fields included", () => {
  const value = {
    type: "new_kind",
    more: { deep: [1] },
    timestamp: "2026-01-01",
    id: "a",
    parentId: null,
  };
  const copy = structuredClone(value);
  expect(parseEntry(value) as unknown).toBe(value);
  expect(Object.entries(value)).toEqual(Object.entries(copy));
});

test("only an object with a type is an entry", () => {
  for (const value of [null, [], 1, "message", {}, { type: 1 }, { type: null }]) {
    expect(parseEntry(value)).toBeUndefined();
  }
});

test("drops common fields of the wrong type", () => {
  const entry = parseEntry({ type: "label", id: 7, parentId: 8, timestamp: 9, label: 10 });
  expect(entry).toEqual({ type: "label", label: 10 });
});

test("reads the headers of versions 1, 2 and 3", () => {
  const v1 = { type: "session", id: "a", timestamp: "t", cwd: "/", provider: "p", modelId: "m" };
  expect(parseHeader({ ...v1, branchedFrom: "/b" })).toEqual({
    ...v1,
    branchedFrom: "/b",
  } as never);
  const v3 = { type: "session", version: 3, id: "daily", parentSession: "/p", extra: 1 };
  expect(parseHeader({ ...v3 })).toEqual(v3 as never);
});

test("only a session with an id is a header", () => {
  const session = { type: "session" };
  for (const value of [null, session, { ...session, id: "" }, { type: "message", id: "a" }]) {
    expect(parseHeader(value)).toBeUndefined();
  }
});

test("drops header fields of the wrong type", () => {
  const header = { type: "session", id: "a", version: "3", cwd: 1, parentSession: null };
  expect(parseHeader(header)).toEqual({ type: "session", id: "a" });
});
