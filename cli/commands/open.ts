import type { ParsedArgs } from "citty";

import { AppError } from "../../lib/errors.ts";
import { resolveBaseUrl } from "../../lib/opensync/base-url.ts";
import { dashboardUrl } from "../../lib/opensync/dashboard-url.ts";
import { openBrowser } from "../../lib/platform/open-browser.ts";
import { inspectSession } from "../../lib/session/inspect.ts";
import { readSessionHead } from "../../lib/transcript/session-head.ts";
import { defineCommand } from "../command.ts";
import { openContext } from "../context.ts";
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
    ["pi-opensync open --print", "the address, where there is no browser"],
  ],
  run,
});

async function run(args: ParsedArgs<typeof flags>): Promise<number> {
  const { config, env, messages } = await openContext(args);
  if (config.url === undefined) {
    throw new AppError("not-configured", "The server's address is not configured yet.", {
      hint: "Run 'pi-opensync setup', or: pi-opensync config set url https://api.opensync.dev",
    });
  }
  const externalId = args.session ? await findId(args.session, messages) : undefined;
  const url = dashboardUrl(resolveBaseUrl(config.url), externalId);
  const isOpened = !args.print && (await openBrowser(url, env));
  process.stdout.write(
    args.json ? `${JSON.stringify({ schemaVersion: 1, url, isOpened })}\n` : `${url}\n`,
  );
  if (!isOpened && !args.print) messages.info("No browser opens here. Open this address in one.");
  return exitCodes.well;
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
