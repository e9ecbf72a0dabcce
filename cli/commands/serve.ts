import type { ParsedArgs } from "citty";
import { join } from "node:path";

import { isLoopbackUrl, resolveBaseUrl } from "../../lib/opensync/base-url.ts";
import { createOpenSyncClient } from "../../lib/opensync/client.ts";
import type { Config } from "../../lib/config/schema.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { openBrowser } from "../../lib/platform/open-browser.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import type { Paths } from "../../lib/platform/paths.ts";
import { defaultPort } from "../../lib/server/port.ts";
import { startServer } from "../../lib/server/serve.ts";
import type { Server } from "../../lib/server/serve.ts";
import { findSessionFiles } from "../../lib/session/discover.ts";
import { useDatabase } from "../../lib/sync/target.ts";
import { defineCommand } from "../command.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { exitCodes } from "../exit-code.ts";
import { catchInterrupts } from "../interrupt.ts";
import { useSamples } from "../samples.ts";
import { followSessions } from "../sync/follow.ts";
import type { SyncerOptions } from "../sync/syncer.ts";
import { commonFlags } from "../ui/flags.ts";
import { createMessages } from "../ui/messages.ts";
import type { Messages } from "../ui/messages.ts";
import { createProgress } from "../ui/progress.ts";
import { describeServer } from "../ui/server.ts";
import { parsePortFlag } from "../ui/values.ts";

/** Sessions at a time; their messages are stored together. */
const lanes = 32;

const flags = {
  port: {
    type: "string",
    valueHint: "N",
    description: `Port to listen on (${defaultPort}); 0 takes a free one`,
  },
  host: {
    type: "string",
    valueHint: "ADDRESS",
    description: "Address to listen on (127.0.0.1: this machine alone)",
  },
  backfill: {
    type: "boolean",
    description: "Take in the pi sessions on this machine, and follow them",
  },
  sessions: {
    type: "string",
    valueHint: "DIR",
    description: "With --backfill: look for sessions here alone",
  },
  open: { type: "boolean", description: "Open the dashboard in the browser" },
  samples: {
    type: "boolean",
    description: "Where there are no sessions: show a few samples instead",
  },
  ...commonFlags,
} as const;

/** `pi-opensync serve`: an OpenSync-compatible server on this machine. */
export const serveCommand = defineCommand({
  flags,
  examples: [
    ["pi-opensync serve --backfill --open", "all pi sessions of this machine, to look at"],
    ["pi-opensync serve --port 0 --json", "on a free port, for a program to start"],
  ],
  run,
});

async function run(args: ParsedArgs<typeof flags>): Promise<number> {
  const port = args.port === undefined ? defaultPort : parsePortFlag("--port", args.port);
  const { env } = process;
  const cwd = process.cwd();
  const isQuiet = args.quiet === true || args.json === true;
  const messages = createMessages({ quiet: isQuiet, verbose: args.verbose === true });
  await using cleanup = new AsyncDisposableStack();
  let paths = resolvePaths(env);
  let { sessions } = args;
  const isEmpty = (): boolean =>
    findSessionFiles({ env, cwd, sessionsDir: sessions }).files.length === 0;
  const areSamples = args.samples === true && isEmpty();
  if (areSamples) {
    const samples = cleanup.use(await useSamples());
    ({ paths, sessions } = samples);
    messages.info("There are no pi sessions on this machine yet, so here are four samples.");
    messages.info(`They and the database stand in ${samples.dir} until the server ends.`);
  }

  using interrupt = catchInterrupts(() => messages.info("Ending."));
  const { config, warnings } = await loadConfig(env, paths);
  for (const { message, hint } of warnings) messages.warn(`${message} ${hint}`);
  const server = await startServer({
    dataDir: paths.dataDir,
    port,
    ...(args.host !== undefined && { hostname: args.host }),
  });
  cleanup.defer(() => server.stop());
  const isFound = !areSamples && isFoundByOpen(server, config);
  await announce(server, { dataDir: paths.dataDir, isFound }, args, messages);

  const target = await openEmbedded(server, port !== 0, paths, config);
  if (!args.backfill) await untilAborted(interrupt.signal);
  else {
    await followSessions({
      syncer: {
        env,
        paths,
        config,
        ...target,
        projects: { only: [], not: [] },
        lanes,
        force: false,
        verify: false,
        dryRun: false,
        signal: interrupt.signal,
      },
      find: () => findSessionFiles({ env, cwd, sessionsDir: sessions }).files,
      messages,
      progress: createProgress(process.stderr, isQuiet),
      isQuiet,
    });
  }
  return interrupt.exitCode() ?? exitCodes.well;
}

/** Says where the server is, and shows it where that is wanted. */
async function announce(
  server: Server,
  { dataDir, isFound }: { dataDir: string; isFound: boolean },
  args: ParsedArgs<typeof flags>,
  messages: Messages,
): Promise<void> {
  const { url, apiKey, databasePath } = server;
  const link = server.createLink();
  const keyPath = join(dataDir, "api-key");
  process.stdout.write(
    args.json
      ? `${JSON.stringify({ schemaVersion: 1, url, link, apiKey, database: databasePath })}\n`
      : describeServer({ url, link, databasePath, keyPath, isFound }),
  );
  if (!args.open || (await openBrowser(server.createLink(), process.env))) return;
  messages.info("No browser opens here. Open the address above in one.");
}

/** Whether `open` leads here: to the server that is configured, or else to one on the usual port. */
function isFoundByOpen(server: Server, config: Config): boolean {
  const { port } = new URL(server.url);
  if (config.url === undefined) return Number(port) === defaultPort;
  try {
    const baseUrl = resolveBaseUrl(config.url);
    return isLoopbackUrl(baseUrl) && new URL(baseUrl).port === port;
  } catch {
    // An address that can't be used is not this server's affair.
    return false;
  }
}

/**
 * The server without its socket, under the address that other programs know it by: what the
 * extension sent there need not be sent again. A port that is another one each time is no address.
 */
async function openEmbedded(
  { apiKey, databaseId, fetch, url }: Server,
  isPortFixed: boolean,
  { stateDir }: Paths,
  { metadataOnly }: Config,
): Promise<Pick<SyncerOptions, "target" | "openClient">> {
  const { port } = new URL(url);
  const baseUrl = isPortFixed ? `http://127.0.0.1:${port}` : `embedded:${databaseId}`;
  await useDatabase(stateDir, { baseUrl, apiKey, metadataOnly }, databaseId);
  const direct = (to: string, init: RequestInit): Promise<Response> => fetch(new Request(to, init));
  return {
    target: { baseUrl, apiKey },
    openClient: () =>
      Promise.resolve(
        createOpenSyncClient({
          baseUrl: "http://127.0.0.1",
          apiKey,
          fetch: direct,
          clock: systemClock,
        }),
      ),
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
