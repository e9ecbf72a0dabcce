import { open, readFile } from "node:fs/promises";
import { join } from "node:path";

import { isLoopbackUrl } from "../../opensync/base-url.ts";
import type { Paths } from "../../platform/paths.ts";
import { statOf } from "./stat.ts";

/** The server on this machine, as far as its files tell. */
export interface EmbeddedFacts {
  /** Sessions are sent to a server on this machine. */
  isInUse: boolean;
  databasePath: string;
  /** Absent where there is none. */
  database?: DatabaseFacts;
  /** Whether the file of the key holds one; absent where there is no such file. */
  hasKey?: boolean;
  /** Whether that is the key that sessions are sent with; absent where either is missing. */
  isOurKey?: boolean;
}

/** What stands at the beginning of the database. */
export interface DatabaseFacts {
  bytes: number;
  isDatabase: boolean;
  /** Pages are missing at the end of the file. */
  isCut: boolean;
  /** Which version of our tables it has. */
  format: number;
}

/** Looks at the files of the server, and starts nothing; opening a database would leave traces. */
export async function lookAtEmbedded(
  { dataDir }: Paths,
  target: { baseUrl: string; apiKey: string } | undefined,
): Promise<EmbeddedFacts> {
  const databasePath = join(dataDir, "opensync.db");
  const key = await readFile(join(dataDir, "api-key"), "utf8").catch(() => undefined);
  const isInUse = target !== undefined && isLoopbackUrl(target.baseUrl);
  const database = await readDatabase(databasePath);
  return {
    isInUse,
    databasePath,
    ...(database && { database }),
    ...(key !== undefined && { hasKey: /^osk_[\w-]{32}$/.test(key.trim()) }),
    ...(key !== undefined && isInUse && { isOurKey: key.trim() === target.apiKey }),
  };
}

const magic = "SQLite format 3\0";

/** The SQLite file format, section 1.3, says what stands where. */
async function readDatabase(path: string): Promise<DatabaseFacts | undefined> {
  const stats = await statOf(path);
  if (!stats) return undefined;
  const header = Buffer.alloc(100);
  const file = await open(path, "r");
  try {
    await file.read(header, 0, header.length, 0);
  } finally {
    await file.close();
  }
  const pageBytes = header.readUInt16BE(16);
  const pages = header.readUInt32BE(28);
  return {
    bytes: stats.size,
    // The server begins with an empty file.
    isDatabase: stats.size === 0 || header.toString("latin1", 0, magic.length) === magic,
    isCut: stats.size < (pageBytes === 1 ? 65_536 : pageBytes) * pages,
    format: header.readUInt32BE(60),
  };
}
