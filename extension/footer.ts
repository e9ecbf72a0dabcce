import type { LiveState } from "../lib/live/state.ts";

/** The key of our text in pi's footer. */
export const statusKey = "opensync";

/** What the footer says; undefined where all is well, and nothing need be said. */
export function footerText(state: LiveState): string | undefined {
  const text = describe(state);
  // pi shows the texts of all extensions side by side, without a name.
  return text === undefined ? undefined : `opensync ${text}`;
}

function describe(state: LiveState): string | undefined {
  const { gate, phase, waiting } = state;
  if (gate === "off") return "off";
  if (gate === "paused") return withWaiting("paused", waiting);
  if (phase === "refused") return "key refused";
  if (phase === "failed") return "not sent, see /opensync status";
  if (gate === "offline" || phase === "offline") return withWaiting("offline", waiting);
  return phase === "sending" && waiting > 0 ? `↑${waiting}` : undefined;
}

function withWaiting(word: string, waiting: number): string {
  return waiting > 0 ? `${word} · ${waiting} waiting` : word;
}
