import { join } from "node:path";
import { AppError, messageOf } from "../errors.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { createApp } from "./app.ts";
import { loadApiKey } from "./auth.ts";
import { openDatabase, readDatabaseId } from "./database.ts";
import { requestBytesMax } from "./limits.ts";
import { defaultPort } from "./port.ts";
import { plainText } from "./respond.ts";

/** How long requests that are being answered may take once the server is told to stop. */
const stopTimeoutMs = 2000;

/** What can be chosen about the server. */
export interface ServeOptions {
  /** The folder of the database and the key; made if it is not there. */
  dataDir: string;
  /** 0 takes a free one. */
  port?: number;
  /** The address to listen on; by default only this machine can reach the server. */
  hostname?: string;
  clock?: Clock;
}

/** A running server. */
export interface Server {
  /** Where it listens, without a slash at the end. */
  url: string;
  apiKey: string;
  databasePath: string;
  /** Tells the database from any other, also from one that replaces it at the same path. */
  databaseId: string;
  /** The server without its socket, for a client in the same process. */
  fetch: (request: Request) => Promise<Response>;
  /** Answers what is being answered, then closes the database. */
  stop(): Promise<void>;
}

/**
 * Starts an OpenSync-compatible server.
 *
 * @throws AppError `io` when the port is in use, or the database or key cannot be read
 */
export async function startServer(options: ServeOptions): Promise<Server> {
  const { dataDir, port = defaultPort, hostname = "127.0.0.1", clock = systemClock } = options;
  const databasePath = join(dataDir, "opensync.db");
  const database = openDatabase(databasePath);
  try {
    const apiKey = await loadApiKey(join(dataDir, "api-key"));
    const app = createApp({ database, apiKey, clock });
    const server = listen(hostname, port, app.fetch);
    return {
      url: server.url.href.replace(/\/$/, ""),
      apiKey,
      databasePath,
      databaseId: readDatabaseId(database),
      fetch: app.fetch,
      async stop() {
        const closed = server.stop();
        const lastMs = clock.now() + stopTimeoutMs;
        // Connections that clients keep open for later are not worth waiting for.
        while (server.pendingRequests > 0 && clock.now() < lastMs) await clock.sleep(10);
        await server.stop(true);
        await closed;
        app.flush();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function listen(
  hostname: string,
  port: number,
  answer: (request: Request) => Promise<Response>,
): Bun.Server<undefined> {
  const isGuarded = isLoopback(hostname);
  try {
    return Bun.serve({
      hostname,
      port,
      maxRequestBodySize: requestBytesMax,
      fetch: (request) =>
        isGuarded && !isLoopbackHost(request.headers.get("host"))
          ? plainText("This server answers to localhost only.", 403)
          : answer(request),
    });
  } catch (error) {
    if (!isPortInUse(error)) {
      throw new AppError(
        "io",
        `Could not listen on ${hostname}, port ${port}: ${messageOf(error)}`,
        {
          hint: "Choose an address of this machine with --host, and a port that you may use.",
          cause: error,
        },
      );
    }
    throw new AppError("io", `Port ${port} on ${hostname} is in use.`, {
      hint: "Is the server running already? Otherwise choose another port with --port.",
      cause: error,
    });
  }
}

/**
 * Whether a `Host` header names this machine. A page on the web can make its own host name point
 * to 127.0.0.1, but it cannot change this header.
 */
function isLoopbackHost(header: string | null): boolean {
  return isLoopback(header?.replace(/:\d+$/, "") ?? "");
}

function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replaceAll(/^\[|\]$/g, "");
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

function isPortInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
