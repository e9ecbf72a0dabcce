import { dashboardUrl } from "../../lib/opensync/dashboard-url.ts";
import { openBrowser } from "../../lib/platform/open-browser.ts";
import { parseHeader } from "../../lib/session/entry.ts";
import { readSessionHead } from "../../lib/transcript/session-head.ts";
import type { CommandContext } from "../commands.ts";

/** `/opensync open`: the session's page on the server of this machine, or the dashboard. */
export async function openInBrowser({ session, say }: CommandContext): Promise<void> {
  const { baseUrl, env, hosted, live, obstacle } = session;
  const header = parseHeader({ ...hosted.sessionManager.getHeader() });
  if (baseUrl === undefined || !header) {
    say(obstacle?.message ?? "There is no session yet.", "warning");
    return;
  }
  const file = await live?.look();
  const { externalId } = readSessionHead(header, file?.nested ?? false);
  const url = dashboardUrl(baseUrl, externalId);
  const isOpened = await openBrowser(url, env);
  say(isOpened ? `Opened ${url}` : `Open ${url} in a browser.`);
}
