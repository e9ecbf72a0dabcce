import type { SessionFile } from "../../lib/session/discover.ts";
import type { SessionFacts, Standing } from "../../lib/sync/survey.ts";
import { projectName } from "../../lib/transcript/session-head.ts";
import { fitText, formatSize, formatShortTime, formatTable, printable } from "./format.ts";
import { wrapWords } from "./wrap.ts";

/** A session file, what it holds, where it is known, and how it stands with it. */
export type ListedSession = Pick<SessionFile, "path" | "size" | "mtimeMs"> &
  Partial<SessionFacts> &
  Standing;

/** On narrower terminals a session takes two lines. */
const tableWidthMin = 72;
const projectWidthMax = 12;
const idChars = 8;

/**
 * Sessions below each other, for people. Without a width each takes one line, which other programs
 * can look through. `now` is Unix time in milliseconds.
 */
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
  const lines = formatTable(rows, [2]).split("\n");
  const entries = sessions.map((session, index) => {
    const line = (lines[index] ?? "").slice(2);
    const { reason } = session;
    if (width === Infinity) return reason === undefined ? line : `${line} (${printable(reason)})`;
    return [
      fitText(line, width),
      isNarrow ? fitText(`  ${describe(session)}`, width) : "",
      reason === undefined ? "" : wrapWords(`    ${printable(reason)}`, width),
    ]
      .filter((part) => part !== "")
      .join("\n");
  });
  return `${entries.join("\n")}\n`;
}

/** The beginning of pi's own id, by which `open` finds the session: `<time>_<id>.jsonl`. */
function shortId(path: string): string {
  const name = projectName(path);
  return name
    .slice(name.indexOf("_") + 1)
    .replace(/\.jsonl$/, "")
    .slice(0, idChars);
}

function describeProject({ cwd = "" }: ListedSession): string {
  return printable(projectName(cwd));
}

/** The title, or the file where it has none. */
function describe({ path, title }: ListedSession): string {
  return printable(title ?? projectName(path));
}
