import { join } from "node:path";
import { AppError, messageOf } from "../errors.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { type App, createApp } from "./app.ts";
import { loadApiKey } from "./auth.ts";
import { eventsPath } from "./dashboard/routes.ts";
import { openDatabase, readDatabaseId } from "./database.ts";
import { requestBytesMax } from "./limits.ts";
import { defaultPort } from "./port.ts";
import { plainText } from "./respond.ts";
import { isLoopback } from "../opensync/base-url.ts";

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
  /** Makes an address of the dashboard that lets a person in, once and within minutes. */
  createLink(): string;
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
    const url = server.url.href.replace(/\/$/, "");
    return {
      url,
      apiKey,
      databasePath,
      databaseId: readDatabaseId(database),
      fetch: (request) => app.fetch(request),
      createLink: () => `${reachableUrl(url)}/#login=${app.createLoginLink()}`,
      async stop() {
        app.endStreams();
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

function listen(hostname: string, port: number, answer: App["fetch"]): Bun.Server<undefined> {
  const isGuarded = isLoopback(hostname);
  try {
    return Bun.serve({
      hostname,
      port,
      maxRequestBodySize: requestBytesMax,
      fetch(request, server) {
        if (isGuarded && !isLoopbackHost(request.headers.get("host"))) {
          return plainText("This server answers to localhost only.", 403);
        }
        if (request.url.endsWith(eventsPath)) server.timeout(request, 0);
        const from = server.requestIP(request);
        const connection = from && { port: from.port, serverPort: server.port ?? port };
        return answer(request, connection ?? undefined);
      },
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

/** A server that listens on every address is reached by none that means all of them. */
function reachableUrl(url: string): string {
  return url.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]");
}

function isPortInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
