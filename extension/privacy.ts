import { choiceData, choiceEntryType, readChoice } from "../lib/session/choice.ts";
import type { SyncChoice } from "../lib/session/choice.ts";
import { parseEntry } from "../lib/session/entry.ts";
import { findPrivacy, parentFileOf } from "../lib/session/privacy.ts";
import type { HostedSession } from "./host.ts";

/** Whether a session may be sent, by what its person chose; `ask` for a fork of a private one. */
export type Privacy = "public" | "private" | "ask";

/** Reads what was chosen for the session that is open, or for the one that it was forked from. */
export async function readPrivacy(hosted: HostedSession): Promise<Privacy> {
  const { sessionManager, previousSessionFile, reason } = hosted;
  const header = sessionManager.getHeader();
  const chosen = findChoice(hosted);
  if (chosen !== undefined) {
    if (chosen.choice === "on") return "public";
    // A fork's copies of its parent's entries are older than itself.
    const isInherited = header?.parentSession !== undefined && chosen.at < header.timestamp;
    return isInherited ? "ask" : "private";
  }
  // A fork at the first message has no parent in its header in pi 0.73.
  const named = header ? parentFileOf(header) : undefined;
  const parent = named ?? (reason === "fork" ? previousSessionFile : undefined);
  return (await findPrivacy(undefined, parent)) === undefined ? "public" : "ask";
}

/** Keeps the session that is open private, or takes that back, for good. */
export function choosePrivacy(hosted: HostedSession, choice: SyncChoice): void {
  hosted.appendEntry(choiceEntryType, choiceData(choice));
}

function findChoice(hosted: HostedSession): { choice: SyncChoice; at: string } | undefined {
  const entries = hosted.sessionManager.getEntries();
  for (let at = entries.length - 1; at >= 0; at--) {
    // A copy: what is malformed is taken out of it.
    const entry = parseEntry({ ...entries[at] });
    const choice = entry && readChoice(entry);
    if (choice) return { choice, at: entry?.timestamp ?? "" };
  }
  return undefined;
}
