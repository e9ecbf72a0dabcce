import { expect, test } from "bun:test";

import { systemClock } from "../../../lib/platform/clock.ts";
import { openJournal } from "../../../lib/sync/journal.ts";
import { cursorsDir, useDatabase } from "../../../lib/sync/target.ts";
import { tempDir } from "../../support/temp.ts";

const target = { baseUrl: "http://127.0.0.1:4747", apiKey: "osk_a", metadataOnly: false };

test("server, key and what is sent tell cursors apart, and the key can't be read from them", () => {
  const others = [
    { ...target, baseUrl: "http://127.0.0.1:4748" },
    { ...target, apiKey: "osk_b" },
    { ...target, metadataOnly: true },
  ];
  const dirs = [target, ...others].map((each) => cursorsDir("/state", each));
  expect(new Set(dirs).size).toBe(4);
  expect(cursorsDir("/state", { ...target })).toBe(dirs[0]!);
  expect(dirs.join()).not.toContain("osk");
});

test("the cursors of a database that was replaced are forgotten, and no others", async () => {
  await using dir = await tempDir();
  const other = { ...target, baseUrl: "http://127.0.0.1:4748" };
  const put = (to: typeof target): void => {
    const journal = openJournal(cursorsDir(dir.path, to), systemClock);
    const numbers = { generation: 1, offset: 2, size: 3, mtimeMs: 4 };
    journal.put({ path: "/a.jsonl", session: "a", ...numbers, state: null });
    journal.close();
  };
  const isKnown = (of: typeof target): boolean => {
    const journal = openJournal(cursorsDir(dir.path, of), systemClock);
    journal.close();
    return journal.get("/a.jsonl") !== undefined;
  };
  await useDatabase(dir.path, target, "one");
  put(target);
  put(other);
  await useDatabase(dir.path, target, "one");
  expect(isKnown(target)).toBe(true);
  await useDatabase(dir.path, target, "two");
  expect([isKnown(target), isKnown(other)]).toEqual([false, true]);
});
