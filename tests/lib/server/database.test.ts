import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../../lib/errors.ts";
import { openDatabase, readDatabaseId } from "../../../lib/server/database.ts";
import { migrations } from "../../../lib/server/migrations/index.ts";
import { tempDir, type TempDir } from "../../support/temp.ts";

const pathIn = (dir: TempDir): string => join(dir.path, "folder", "test.db");
const versionOf = (database: Database): unknown => database.query("PRAGMA user_version").get();

function errorOf(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("a new database has the newest format", async () => {
  await using dir = await tempDir();
  using database = openDatabase(pathIn(dir));
  expect(versionOf(database)).toEqual({ user_version: migrations.length });
});

test("only its owner can read the database and its journal", async () => {
  await using dir = await tempDir();
  using database = openDatabase(pathIn(dir));
  database.run("INSERT INTO search_pending VALUES (1, 0)");
  for (const suffix of ["", "-wal", "-shm"]) {
    const { mode } = await stat(pathIn(dir) + suffix);
    expect((mode & 0o777).toString(8)).toBe("600");
  }
  expect(((await stat(join(dir.path, "folder"))).mode & 0o777).toString(8)).toBe("700");
});

test("a database that others could read is closed to them", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "test.db");
  await writeFile(path, "", { mode: 0o644 });
  openDatabase(path).close();
  expect(((await stat(path)).mode & 0o777).toString(8)).toBe("600");
});

test("what is stored is there when it is opened again, under the same id", async () => {
  await using dir = await tempDir();
  const first = openDatabase(pathIn(dir));
  const id = readDatabaseId(first);
  first.run("INSERT INTO search_pending VALUES (7, 0)");
  first.close();
  using again = openDatabase(pathIn(dir));
  expect(again.query("SELECT message_id AS id FROM search_pending").all()).toEqual([{ id: 7 }]);
  expect(readDatabaseId(again)).toBe(id);
});

test("two databases have two ids", async () => {
  await using dir = await tempDir();
  using one = openDatabase(join(dir.path, "one.db"));
  using two = openDatabase(join(dir.path, "two.db"));
  expect(readDatabaseId(one)).not.toBe(readDatabaseId(two));
});

test("a database of a newer version is refused and left as it is", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "test.db");
  const newer = new Database(path);
  newer.run(`PRAGMA user_version = ${migrations.length + 1}`);
  newer.close();
  const error = errorOf(() => openDatabase(path));
  expect(error.code).toBe("io");
  expect(error.message).toContain("newer pi-opensync");
  expect(error.hint).toContain("Update");
  using database = new Database(path);
  expect(versionOf(database)).toEqual({ user_version: migrations.length + 1 });
  expect(database.query("SELECT * FROM sqlite_schema").all()).toEqual([]);
});

test("a file that is no database is refused", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "test.db");
  await writeFile(path, "This is a letter, and a rather long one. ".repeat(100));
  const error = errorOf(() => openDatabase(path));
  expect([error.code, error.message.includes(path)]).toEqual(["io", true]);
});

test("a migration that fails leaves nothing behind", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "test.db");
  const other = new Database(path);
  other.run("CREATE TABLE messages (something TEXT)");
  other.close();
  expect(errorOf(() => openDatabase(path)).code).toBe("io");
  using database = new Database(path);
  expect(database.query("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "messages" }]);
});
