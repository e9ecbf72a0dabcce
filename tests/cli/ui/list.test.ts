import { expect, test } from "bun:test";

import { renderList } from "../../../cli/ui/list.ts";
import type { ListedSession } from "../../../cli/ui/list.ts";

const now = new Date(2026, 2, 10, 12, 0).getTime();

const sessions: ListedSession[] = [
  {
    path: "/s/2026-03-10_019e742e-9d84-7578-90d7-674f47fc7c07.jsonl",
    size: 2_400_000,
    mtimeMs: new Date(2026, 2, 9, 8, 5).getTime(),
    state: "synced",
    externalId: "pi:019e742e",
    title: "Explain the tide table, and why the second high water comes later each day",
    cwd: "/home/ada/a-project-with-a-long-name",
  },
  {
    path: "/s/2025-01-02_daily.jsonl",
    size: 900,
    mtimeMs: new Date(2025, 0, 2, 8, 5).getTime(),
    state: "failed",
    reason: "1 refused by the server, the last: Value is too large.",
    externalId: "pi:daily",
    title: "日本語のセッション\u001b[31m",
    cwd: "/home/ada/潮",
  },
  { path: "/s/notes.jsonl", size: 12_345, mtimeMs: now, state: "skipped", reason: "empty" },
];

test("in a pipe nothing is cut off but the names of projects", () => {
  expect(renderList(sessions, now)).toMatchInlineSnapshot(`
    "Mar  9 08:05  synced   2.4 MB  019e742e  a-project-w…  Explain the tide table, and why the second high water comes later each day
    2025-01-02    failed    900 B  daily     潮            日本語のセッション [31m (1 refused by the server, the last: Value is too large.)
    Mar 10 12:00  skipped   12 kB  notes                   notes.jsonl (empty)
    "
  `);
});

test("at 80 columns a session takes a line", () => {
  expect(renderList(sessions, now, 80)).toMatchInlineSnapshot(`
    "Mar  9 08:05  synced   2.4 MB  019e742e  a-project-w…  Explain the tide table,…
    2025-01-02    failed    900 B  daily     潮            日本語のセッション [31m
        1 refused by the server, the last: Value is too large.
    Mar 10 12:00  skipped   12 kB  notes                   notes.jsonl
        empty
    "
  `);
});

test("at 40 columns it takes two", () => {
  expect(renderList(sessions, now, 40)).toMatchInlineSnapshot(`
    "Mar  9 08:05  synced   2.4 MB  019e742e
      Explain the tide table, and why the s…
    2025-01-02    failed    900 B  daily
      日本語のセッション [31m
        1 refused by the server, the last:
        Value is too large.
    Mar 10 12:00  skipped   12 kB  notes
      notes.jsonl
        empty
    "
  `);
});

test.each([40, 80, 120])("no line is longer than %i columns", (width) => {
  const widths = renderList(sessions, now, width)
    .split("\n")
    .map((line) => Bun.stringWidth(line));
  expect(Math.max(...widths)).toBeLessThanOrEqual(width);
});

test("no sessions are no lines", () => {
  expect(renderList([], now, 80)).toBe("");
});
