import type { LiveState } from "../lib/live/state.ts";
import { backgroundClock } from "../lib/platform/clock.ts";
import type { HostedSession } from "./host.ts";
import { processMemory } from "./process-memory.ts";

/** Trouble that is over sooner is not worth a notice; the footer shows it. */
const patienceMs = 5000;

/** Tells the person of trouble: once, however long it lasts and however often sessions change. */
export function createNotices(hosted: HostedSession): (state: LiveState) => void {
  let now: LiveState | undefined;
  const tell = (state: LiveState): void => {
    const memory = processMemory();
    if (memory.toldOf === state.phase || hosted.signal.aborted) return;
    memory.toldOf = state.phase;
    hosted.ui.notify(describeTrouble(state), "warning");
  };
  /** Ends the wait when the trouble is over. */
  let patience = new AbortController();
  const tellLater = async (): Promise<void> => {
    const { signal } = patience;
    await backgroundClock.sleep(patienceMs, signal).catch(() => {});
    if (!signal.aborted && now) tell(now);
  };
  return (state) => {
    const before = now;
    now = state;
    if (!hosted.hasUI) return;
    if (state.lastSuccessAt !== before?.lastSuccessAt) processMemory().toldOf = undefined;
    if (state.phase === before?.phase) return;
    if (state.phase === "refused" || state.phase === "failed") tell(state);
    patience.abort();
    patience = new AbortController();
    if (state.phase === "offline") void tellLater();
  };
}

function describeTrouble({ phase, failure }: LiveState): string {
  const rest =
    phase === "offline"
      ? ["Sessions are kept here and sent when it is back."]
      : [failure?.hint, "Then run /opensync sync."];
  return ["OpenSync:", failure?.message, ...rest].filter(Boolean).join(" ");
}
