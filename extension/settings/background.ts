import { backgroundClock } from "../../lib/platform/clock.ts";
import { startDeadline } from "../../lib/platform/deadline.ts";
import { syncAutomatically } from "../../lib/settings/automatic.ts";
import { openSettings } from "../../lib/settings/context.ts";
import { survey } from "../../lib/settings/survey.ts";
import { describeForFooter } from "../../lib/settings/words.ts";
import { isOffline } from "../../lib/pi/offline.ts";
import { showFooter, tell } from "./memory.ts";
import { createTools, describeError, spell } from "./tools.ts";

/** Syncs where nothing is in doubt, and shows what came of it. Never rejects. */
export async function syncInBackground(signal: AbortSignal): Promise<void> {
  const tools = createTools(backgroundClock, signal);
  try {
    const { footer, notice } = await syncAutomatically(tools, isOffline(tools.env), signal);
    // Where it was ended, nothing is known.
    if (signal.aborted) return;
    showFooter(footer);
    if (notice) tell({ ...notice, text: spell(notice.text) });
  } catch (error) {
    if (!signal.aborted) tell({ text: `Settings: ${describeError(error)}`, level: "warning" });
  }
}

/** A footer that takes longer to find out is not worth it. */
const footerMs = 15_000;

/** Brings the footer up to date. Never rejects. */
export async function updateFooter(signal: AbortSignal): Promise<void> {
  const deadline = startDeadline(footerMs, signal);
  try {
    const context = await openSettings(createTools(backgroundClock, deadline.signal));
    const { plan } = await survey(context, deadline.signal);
    if (!signal.aborted) showFooter(describeForFooter(plan));
  } catch {
    // What a person asks for next tells what is wrong.
  } finally {
    deadline.end();
  }
}
