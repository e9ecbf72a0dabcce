import { statSync } from "node:fs";

import { AppError } from "../../lib/errors.ts";
import { describeSessionFile, findSessionFiles } from "../../lib/session/discover.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import { selectFiles } from "../../lib/sync/select.ts";
import type { Selection } from "../../lib/sync/select.ts";
import type { Messages } from "../ui/messages.ts";

/**
 * The session files of this machine that a selection means. `sessionsDir` looks there alone.
 *
 * @throws AppError "usage" where a folder or session that was named is not there
 */
export async function findSessions(
  selection: Selection,
  messages: Messages,
  sessionsDir?: string,
): Promise<SessionFile[]> {
  if (sessionsDir !== undefined && !isFolder(sessionsDir)) {
    throw new AppError("usage", `there is no folder '${sessionsDir}'`);
  }
  const where = { env: process.env, cwd: process.cwd(), sessionsDir };
  const found = findSessionFiles(where);
  for (const { path, reason } of found.problems) messages.warn(`${path}: ${reason}`);
  const files = selectFiles(found.files, selection);
  const { session } = selection;
  if (session === undefined || files.length > 0) return files;
  const file = await describeSessionFile(session, where).catch(() => undefined);
  if (file) return [file];
  throw new AppError("usage", `there is no session '${session}'`, {
    hint: "Give a session file, or the beginning of a session's id.",
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
