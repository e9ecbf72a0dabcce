import { messageOf } from "../errors.ts";
import type { SessionFile } from "../session/discover.ts";
import { inspectSession } from "../session/inspect.ts";
import { privacyReasons } from "../session/privacy.ts";
import { readSessionHead } from "../transcript/session-head.ts";
import type { SessionHead } from "../transcript/session-head.ts";
import { promptTitle, sessionTitle } from "../transcript/title.ts";
import { cursorState } from "./cursor.ts";
import type { Journal } from "./journal.ts";
import { openSession } from "./open-session.ts";
import type { OpenOptions } from "./open-session.ts";
import { recall } from "./recall.ts";

/**
 * How it stands with a session and a server.
 *
 * - `synced`: the server has all of it.
 * - `waiting`: the server has some of it, and something may have been added.
 * - `new`: nothing of it was sent yet.
 * - `failed`: the server refused some of it for good, or the file can't be read.
 * - `skipped`: it is not sent: it holds no session, or its project is left out.
 * - `private`: its person keeps it here.
 */
export type SessionState = (typeof sessionStates)[number];

/** All states, in the order in which they are told. */
export const sessionStates = ["synced", "waiting", "new", "failed", "skipped", "private"] as const;

/** How it stands with a session, and why, where that says more. */
export interface Standing {
  state: SessionState;
  reason?: string;
}

/** What people know a session by. */
export interface SessionFacts {
  /** OpenSync's id of the session. */
  externalId: string;
  title: string;
  /** The project's folder. */
  cwd?: string;
}

/** What a survey looks at. */
export type SurveyOptions = Omit<OpenOptions, "force" | "journal"> & { journal: Journal };

/** Finds out how it stands with sessions, and changes nothing. */
export interface Survey {
  /** What the journal tells; undefined where only the file can tell. */
  recall(file: SessionFile): Standing | undefined;
  /** The same, with a look into the file where that is needed. */
  look(file: SessionFile): Promise<Standing>;
  /** What a session is called; undefined for a file that holds none. */
  describe(file: SessionFile): Promise<SessionFacts | undefined>;
}

/** Opens a survey of one server's journal. */
export function openSurvey(options: SurveyOptions): Survey {
  const { journal, clean } = options;
  const recallStanding = (file: SessionFile): Standing | undefined => {
    const known = recall(file, journal);
    if (known === undefined) return undefined;
    return known.kind === "skipped" ? { state: "skipped", reason: known.reason } : standAt(file);
  };
  const standAt = ({ path }: SessionFile): Standing => {
    const refused = cursorState(journal.get(path))?.refused;
    if (refused === undefined) return { state: "synced" };
    const { count, reason } = refused;
    return { state: "failed", reason: `${count} refused by the server, the last: ${reason}` };
  };
  return {
    recall: recallStanding,
    look: async (file) => recallStanding(file) ?? (await openStanding(file, options)),
    async describe(file) {
      const state = cursorState(journal.get(file.path));
      if (state === undefined) return readFacts(file, clean);
      const { head } = state.transcript;
      return toFacts(head, sessionTitle(head, state.name, state.prompt, clean));
    },
  };
}

/** Opens a session as if it was to be sent. */
async function openStanding(file: SessionFile, options: SurveyOptions): Promise<Standing> {
  try {
    const opening = await openSession(file, { ...options, force: false });
    if (opening.kind === "unchanged") return { state: "synced" };
    if (opening.kind === "open") {
      // A file that was rewritten is read from its beginning again.
      const known = cursorState(options.journal.get(file.path))?.parts ?? 0;
      return { state: opening.start.state.parts + known > 0 ? "waiting" : "new" };
    }
    const { reason } = opening;
    const isPrivate = privacyReasons.some((known) => known === reason);
    return { state: isPrivate ? "private" : "skipped", reason };
  } catch (error) {
    return { state: "failed", reason: messageOf(error) };
  }
}

async function readFacts(
  file: SessionFile,
  clean: (text: string) => string,
): Promise<SessionFacts | undefined> {
  const found = await inspectSession(file.path).catch(() => undefined);
  if (found?.kind !== "session") return undefined;
  const head = readSessionHead(found.header, file.nested);
  const prompt = promptTitle(found.firstPrompt ?? "", clean);
  return toFacts(head, sessionTitle(head, found.name ?? "", prompt, clean));
}

function toFacts({ externalId, cwd }: SessionHead, title: string): SessionFacts {
  return { externalId, title, ...(cwd !== undefined && { cwd }) };
}
