import type { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { openDatabase } from "../../../lib/server/database.ts";
import { createSearchIndex } from "../../../lib/server/search-index.ts";
import { createWriter } from "../../../lib/server/writer.ts";
import { type TempDir, tempDir } from "../../support/temp.ts";

function open(dir: TempDir) {
  const database = openDatabase(join(dir.path, "test.db"));
  database.run("CREATE TABLE IF NOT EXISTS jobs (id INTEGER)");
  const writer = createWriter(database, createSearchIndex(database));
  return { database, writer, [Symbol.dispose]: () => database.close() };
}

const insert = (database: Database, id: number) => () => {
  database.query("INSERT INTO jobs VALUES (?)").run(id);
  return id;
};
const stored = (dir: TempDir): unknown[] => {
  using other = openDatabase(join(dir.path, "test.db"));
  return other.query("SELECT id FROM jobs ORDER BY 1").values().flat();
};

test("a job's result comes after its transaction", async () => {
  await using dir = await tempDir();
  using opened = open(dir);
  expect(await opened.writer.write(insert(opened.database, 3))).toBe(3);
  expect(stored(dir)).toEqual([3]);
});

test("jobs that come together share a transaction and keep their order", async () => {
  await using dir = await tempDir();
  using opened = open(dir);
  const order: number[] = [];
  let visible: unknown[] | undefined;
  const jobs = [1, 2, 3].map((id) =>
    opened.writer.write(() => {
      order.push(insert(opened.database, id)());
      visible = stored(dir);
    }),
  );
  await Promise.all(jobs);
  expect(order).toEqual([1, 2, 3]);
  expect(visible).toEqual([]);
  expect(stored(dir)).toEqual([1, 2, 3]);
});

test("a job that fails takes no other with it", async () => {
  await using dir = await tempDir();
  using opened = open(dir);
  const fail = () => {
    insert(opened.database, 99)();
    throw new Error("no");
  };
  const results = await Promise.allSettled([
    opened.writer.write(insert(opened.database, 1)),
    opened.writer.write(fail),
    opened.writer.write(insert(opened.database, 2)),
  ]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(stored(dir)).toEqual([1, 2]);
});

test("more jobs than fit in a transaction are all done", async () => {
  await using dir = await tempDir();
  using opened = open(dir);
  const ids = Array.from({ length: 1000 }, (_, i) => i);
  const done = ids.map((id) => opened.writer.write(insert(opened.database, id)));
  expect(await Promise.all(done)).toEqual(ids);
  expect(stored(dir)).toEqual(ids);
});

test("flush commits at once", async () => {
  await using dir = await tempDir();
  using opened = open(dir);
  const written = opened.writer.write(() => opened.database.run("PRAGMA user_version = 77"));
  opened.writer.flush();
  expect(opened.database.query("PRAGMA user_version").get()).toEqual({ user_version: 77 });
  await written;
});
