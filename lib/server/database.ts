import { Database } from "bun:sqlite";
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { must } from "../assert.ts";
import { AppError, messageOf } from "../errors.ts";
import { privateFileMode } from "../platform/files.ts";
import { migrations } from "./migrations/index.ts";

/**
 * Opens the server's database, makes it if it is not there, and brings it up to date.
 *
 * Only its owner can read the file. A commit survives a power cut (`synchronous=FULL`): the client
 * remembers what was acknowledged and does not send it again.
 *
 * @throws AppError `io` when the file cannot be opened, is not a database, or is too new.
 */
export function openDatabase(path: string): Database {
  let database: Database | undefined;
  try {
    makePrivateFile(path);
    database = new Database(path, { strict: true });
    configure(database);
    migrate(database, path);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof AppError) throw error;
    throw new AppError("io", `Cannot open the database ${path}: ${messageOf(error)}.`, {
      hint: "Check that it is a pi-opensync database and that you may write to its folder.",
      cause: error,
    });
  }
}

/** What tells this database from any other, for good. */
export function readDatabaseId(database: Database): string {
  return must(database.prepare<{ id: string }, []>("SELECT id FROM identity").get(), "the id").id;
}

/** SQLite gives its journal files the mode of the database, so it has to be right beforehand. */
function makePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", privateFileMode));
  chmodSync(path, privateFileMode);
}

function configure(database: Database): void {
  database.run("PRAGMA busy_timeout = 5000");
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = FULL");
  database.run("PRAGMA foreign_keys = ON");
  database.run("PRAGMA temp_store = MEMORY");
  database.run("PRAGMA cache_size = -32768");
  // A checkpoint syncs to disk: at the default of 1,000 pages a busy import waits for it too often.
  database.run("PRAGMA wal_autocheckpoint = 4000");
  database.run("PRAGMA journal_size_limit = 67108864");
}

function migrate(database: Database, path: string): void {
  const upgrade = database.transaction(() => {
    const version = readVersion(database);
    if (version > migrations.length) throw tooNew(path, version);
    for (const sql of migrations.slice(version)) database.run(sql);
    database.run(`PRAGMA user_version = ${migrations.length}`);
  });
  if (readVersion(database) !== migrations.length) upgrade.immediate();
}

function readVersion(database: Database): number {
  const row = database.prepare<{ user_version: number }, []>("PRAGMA user_version").get();
  return row?.user_version ?? 0;
}

function tooNew(path: string, version: number): AppError {
  const known = migrations.length;
  return new AppError(
    "io",
    `The database ${path} was written by a newer pi-opensync (format ${version}, this one knows ${known}).`,
    { hint: "Update pi-opensync, or choose another data folder." },
  );
}
