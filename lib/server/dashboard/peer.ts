import { readFile } from "node:fs/promises";

/** The two ends of a connection. */
export interface Connection {
  /** Of the other side. */
  port: number;
  serverPort: number;
}

/**
 * Whether a connection may come from the person who runs the server: not where the system says that
 * another user of this machine made it. Only Linux says so; connections from elsewhere are nobody's.
 *
 * Every user can see the arguments of a browser that starts, and so a link that is good once.
 */
export async function isOwnConnection(connection: Connection): Promise<boolean> {
  const own = process.getuid?.();
  if (own === undefined) return true;
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map(readTable));
  const users = tables.flatMap((table) => findUsers(table, connection));
  return users.every((user) => user === own || user === superUser);
}

/** Who may read the key and the database anyway. */
const superUser = 0;

async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}

/** The users whose sockets are the other end: there is a line for each socket of this machine. */
function findUsers(table: string, { port, serverPort }: Connection): number[] {
  const [local, remote] = [toHex(port), toHex(serverPort)];
  return table.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const isOther = fields[1]?.endsWith(`:${local}`) && fields[2]?.endsWith(`:${remote}`);
    return isOther ? [Number(fields[7])] : [];
  });
}

function toHex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
