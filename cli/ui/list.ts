import type { SessionFile } from "../../lib/session/discover.ts";
import type { SessionFacts, Standing } from "../../lib/sync/survey.ts";
import { projectName } from "../../lib/transcript/session-head.ts";
import { fitText, formatSize, formatShortTime, formatTable, printable } from "./format.ts";

/** A session file, what it holds, where it is known, and how it stands with it. */
export type ListedSession = Pick<SessionFile, "path" | "size" | "mtimeMs"> &
  Partial<SessionFacts> &
  Standing;

/** On narrower terminals a session takes two lines. */
const tableWidthMin = 72;
const projectWidthMax = 12;
const idChars = 8;

/** Sessions below each other, for people. `now` is Unix time in milliseconds. */
export function renderList(
  sessions: readonly ListedSession[],
  now: number,
  width = Infinity,
): string {
  if (sessions.length === 0) return "";
  const isNarrow = width < tableWidthMin;
  const rows = sessions.map((session) => [
    formatShortTime(session.mtimeMs, now),
    session.state,
    formatSize(session.size),
    shortId(session.path),
    ...(isNarrow ? [] : [fitText(describeProject(session), projectWidthMax), describe(session)]),
  ]);
  const lines = formatTable(rows, [2])
    .split("\n")
    .map((line) => line.slice(2));
  const titles = sessions.map((session) => `  ${describe(session)}`);
  const shown = isNarrow ? lines.flatMap((line, index) => [line, titles[index] ?? ""]) : lines;
  return shown.map((line) => `${fitText(line, width)}\n`).join("");
}

/** The beginning of pi's own id, by which `open` finds the session: `<time>_<id>.jsonl`. */
function shortId(path: string): string {
  const name = projectName(path);
  return name.slice(name.indexOf("_") + 1).slice(0, idChars);
}

function describeProject({ cwd = "" }: ListedSession): string {
  return printable(projectName(cwd));
}

/** The title, or the file where it has none, and why the session is not on the server. */
function describe({ path, reason, title }: ListedSession): string {
  const name = title ?? projectName(path);
  return printable(reason === undefined ? name : `${name} (${reason})`);
}
