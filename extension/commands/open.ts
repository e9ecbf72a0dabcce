import { requireTarget } from "../../lib/config/load.ts";
import { findDashboard } from "../../lib/opensync/find-dashboard.ts";
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
  const { loaded, env, clock } = session;
  if (parts === undefined || header === undefined || loaded === undefined) return;
  const file = await parts.live.look();
  const { externalId } = readSessionHead(header, file?.nested ?? false);
  const url = await findDashboard({
    baseUrl: parts.baseUrl,
    externalId,
    openTarget: async () => ({
      ...(await requireTarget(loaded.config, env)),
      fetch: globalThis.fetch,
      now: () => clock.now(),
    }),
  });
  const isOpened = await openBrowser(url, env);
  say(isOpened ? `Opened ${url}` : `Open ${url} in a browser.`);
}
