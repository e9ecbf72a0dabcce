import { messageOf } from "../../lib/errors.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import type { Messages } from "../ui/messages.ts";
import type { ProgressView } from "../ui/progress.ts";
import { renderSummary } from "../ui/summary.ts";
import { openSyncer } from "./syncer.ts";
import type { SyncerOptions } from "./syncer.ts";

/** How often the sessions are looked at. */
const lookEveryMs = 1000;
/** On machines with very many sessions: so many times as long as a look takes. */
const restFactor = 20;

/** What following sessions needs. */
export interface Follow {
  syncer: SyncerOptions;
  find: () => SessionFile[];
  messages: Messages;
  progress: ProgressView;
  isQuiet: boolean;
}

/** Takes in the sessions of this machine, and then what is added to them, until it is aborted. */
export async function followSessions(follow: Follow): Promise<void> {
  const { find, isQuiet, messages, progress } = follow;
  const { signal } = follow.syncer;
  using syncer = openSyncer(follow.syncer);
  const summary = await syncer.sync(find(), progress);
  progress.end();
  if (!isQuiet) process.stderr.write(`${renderSummary(summary, false)}\n`);

  let failure: string | undefined;
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      const { messages: count, error } = await syncer.sync(find());
      if (count.sent > 0) messages.debug(`${count.sent} new messages`);
      if (error !== undefined) throw error;
      failure = undefined;
    } catch (error) {
      if (messageOf(error) !== failure) messages.warn(messageOf(error));
      failure = messageOf(error);
    }
    const restMs = Math.max(lookEveryMs, (performance.now() - startedAt) * restFactor);
    await systemClock.sleep(restMs, signal).catch(() => {});
  }
}
