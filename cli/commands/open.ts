import type { ParsedArgs } from "citty";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { AppError } from "../../lib/errors.ts";
import { requireTarget } from "../../lib/config/load.ts";
import { resolveBaseUrl } from "../../lib/opensync/base-url.ts";
import { findDashboard } from "../../lib/opensync/find-dashboard.ts";
import type { DashboardQuery } from "../../lib/opensync/find-dashboard.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { isNotFound } from "../../lib/platform/files.ts";
import { openBrowser } from "../../lib/platform/open-browser.ts";
import { defaultPort } from "../../lib/server/port.ts";
import { inspectSession } from "../../lib/session/inspect.ts";
import { readSessionHead } from "../../lib/transcript/session-head.ts";
import { defineCommand } from "../command.ts";
import { openContext } from "../context.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { findSessions } from "../sync/find-sessions.ts";
import { commonFlags } from "../ui/flags.ts";
import type { Messages } from "../ui/messages.ts";

const flags = {
  session: {
    type: "positional",
    required: false,
    valueHint: "ID|FILE",
    description: "A session file, or the beginning of a session's id; the dashboard without one",
  },
  print: { type: "boolean", description: "Print the address alone" },
  ...commonFlags,
} as const;

/** `pi-opensync open`: the dashboard, or a session on it, in the browser. */
export const openCommand = defineCommand({
  flags,
  examples: [
    ["pi-opensync open", "the dashboard"],
    ["pi-opensync open 019e742e", "a session, by the beginning of its id"],
    ["pi-opensync open --print", "the address, where there is no browser; it lets in once"],
  ],
  run,
});

async function run(args: ParsedArgs<typeof flags>): Promise<number> {
  const context = await openContext(args);
  const { env, messages } = context;
  const { baseUrl, openTarget } = await findServer(context);
  const externalId = args.session ? await findId(args.session, messages) : undefined;
  const url = await findDashboard({ baseUrl, externalId, openTarget });
  const isOpened = !args.print && (await openBrowser(url, env));
  process.stdout.write(
    args.json ? `${JSON.stringify({ schemaVersion: 1, url, isOpened })}\n` : `${url}\n`,
  );
  if (!isOpened && !args.print) messages.info("No browser opens here. Open this address in one.");
  return exitCodes.well;
}

/** The server that sessions go to; where none is configured, the one that runs here by itself. */
async function findServer({
  config,
  env,
  paths,
}: Context): Promise<Pick<DashboardQuery, "baseUrl" | "openTarget">> {
  const call = { fetch: globalThis.fetch, now: () => systemClock.now() };
  if (config.url !== undefined) {
    const openTarget = async () => ({ ...(await requireTarget(config, env)), ...call });
    return { baseUrl: resolveBaseUrl(config.url), openTarget };
  }
  const apiKey = await readOwnKey(join(paths.dataDir, "api-key"));
  if (apiKey === undefined) {
    throw new AppError("not-configured", "The server's address is not configured yet.", {
      hint:
        "Run 'pi-opensync setup', or: pi-opensync config set url https://api.opensync.dev\n" +
        "  Without an account: 'pi-opensync serve --backfill' keeps all on this machine.",
    });
  }
  const baseUrl = `http://127.0.0.1:${defaultPort}`;
  return { baseUrl, openTarget: () => Promise.resolve({ baseUrl, apiKey, ...call }) };
}

/** The key of the server of this machine; undefined where there never was one. */
async function readOwnKey(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** OpenSync's id of the session that is meant. @throws AppError "usage" where that is none or several */
async function findId(session: string, messages: Messages): Promise<string> {
  const files = await findSessions({ session }, messages);
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new AppError("usage", `there are ${files.length} sessions '${session}'`, {
      hint: "Give more of the id.",
    });
  }
  const found = await inspectSession(file.path);
  if (found.kind === "session") return readSessionHead(found.header, file.nested).externalId;
  throw new AppError("usage", `${file.path} holds no session: ${found.reason}`);
}
