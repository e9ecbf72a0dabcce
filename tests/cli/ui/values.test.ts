import { expect, test } from "bun:test";

import {
  parseCountFlag,
  parseListFlag,
  parsePortFlag,
  parseTimeFlag,
} from "../../../cli/ui/values.ts";

const now = Date.parse("2026-03-10T12:00:00Z");
const day = 86_400_000;

test("a time is a date, a date with a time, or so long ago", () => {
  expect(parseTimeFlag("--since", "7d", now)).toBe(now - 7 * day);
  expect(parseTimeFlag("--since", "12h", now)).toBe(now - day / 2);
  expect(parseTimeFlag("--since", "2w", now)).toBe(now - 14 * day);
  expect(parseTimeFlag("--since", "2026-03-01", now)).toBe(new Date(2026, 2, 1).getTime());
  expect(parseTimeFlag("--since", "2026-03-01T08:00Z", now)).toBe(
    Date.parse("2026-03-01T08:00:00Z"),
  );
});

test.each(["", "yesterday", "7", "2026-13-01", "2026-02-30x", "1e9", "d"])(
  "%p is no time",
  (text) => {
    expect(() => parseTimeFlag("--since", text, now)).toThrow("--since is no time");
  },
);

test("counts and ports are whole numbers in their limits", () => {
  expect(parseCountFlag("--limit", "12")).toBe(12);
  for (const text of ["0", "-1", "1.5", "", "many"]) {
    expect(() => parseCountFlag("--limit", text)).toThrow("--limit");
  }
  expect(parsePortFlag("--port", "0")).toBe(0);
  for (const text of ["65536", "-1", "x"])
    expect(() => parsePortFlag("--port", text)).toThrow("--port");
});

test("a list that is given names something", () => {
  expect(parseListFlag("--project", undefined)).toEqual([]);
  expect(parseListFlag("--project", " ~/a , ,~/b")).toEqual(["~/a", "~/b"]);
  for (const text of [",", " ", " , ,"]) {
    expect(() => parseListFlag("--project", text)).toThrow("--project names nothing");
  }
});
