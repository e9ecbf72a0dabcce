import { dashboardUrl } from "../../lib/opensync/dashboard-url.ts";
import { openBrowser } from "../../lib/platform/open-browser.ts";
import { parseHeader } from "../../lib/session/entry.ts";
import { readSessionHead } from "../../lib/transcript/session-head.ts";
import type { CommandContext } from "../commands.ts";
import { requireLive } from "./require-live.ts";

/** `/opensync open`: the session's page on the server of this machine, or the dashboard. */
export async function openInBrowser(context: CommandContext): Promise<void> {
  const { session, say } = context;
  const parts = requireLive(context);
  const header = parseHeader({ ...session.hosted.sessionManager.getHeader() });
  if (parts === undefined || header === undefined) return;
  const file = await parts.live.look();
  const { externalId } = readSessionHead(header, file?.nested ?? false);
  const url = dashboardUrl(parts.baseUrl, externalId);
  const isOpened = await openBrowser(url, session.env);
  say(isOpened ? `Opened ${url}` : `Open ${url} in a browser.`);
}
