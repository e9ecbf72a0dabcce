import { messageOf } from "../../lib/errors.ts";
import type { Summary } from "../../lib/sync/summary.ts";
import { formatCount, formatTable, plural, printable } from "./format.ts";

/** So many names stand in a list for people before it says how many more there are. */
const notesShownMax = 10;

/** The end of a run for people: a table, and what needs their attention. */
export function renderSummary(summary: Summary, isDryRun: boolean): string {
  const { sessions, messages } = summary;
  const redactions = Object.values(summary.redactions).reduce((sum, count) => sum + count, 0);
  const kinds = Object.keys(summary.redactions).sort().join(", ");
  const rows: [name: string, count: number, what: string, more: string][] = [
    ["unchanged", sessions.unchanged, "session", ""],
    ["skipped", sessions.skipped, "session", ""],
    ["failed", sessions.failed, "session", ""],
    ["refused", messages.failed, "message", ""],
    ["waiting", sessions.waiting, "session", ""],
    ["redacted", redactions, "secret", kinds],
  ];
  const sent = isDryRun ? "would be sent" : "sent";
  const shown = [
    [sent, plural(sessions.sent, "session"), plural(messages.sent, "message")],
    ...rows
      .filter(([, count]) => count > 0)
      .map(([name, count, what, more]) => [name, plural(count, what), more]),
  ];
  return [
    formatTable(shown),
    ...countReasons(summary),
    ...listNotes("Failed", summary.failed),
    ...listNotes("Refused by the server for good", summary.refused),
    ...listNotes("Damaged lines, passed over", summary.problems.map(describeProblem)),
    "",
  ].join("\n");
}

/** The end of a run as one document for programs. */
export function toJson(summary: Summary, messagesUnchanged: number): Record<string, unknown> {
  const { sessions, messages, redactions, skipped, failed, refused, problems } = summary;
  return {
    schemaVersion: 1,
    sessions,
    messages: { ...messages, unchanged: messagesUnchanged },
    redactions,
    skipped,
    failed,
    refused,
    problems,
    ...(summary.error !== undefined && { error: messageOf(summary.error) }),
    isStopped: summary.isStopped,
  };
}

function countReasons({ skipped }: Summary): string[] {
  if (skipped.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const rows = [...counts].map(([reason, count]) => [formatCount(count), reason]);
  return ["", "Skipped, because", formatTable(rows, [0])];
}

function listNotes(title: string, notes: readonly { path: string; reason: string }[]): string[] {
  if (notes.length === 0) return [];
  const lines = notes
    .slice(0, notesShownMax)
    .map(({ path, reason }) => `  ${printable(path)}: ${printable(reason)}`);
  const left = notes.length - lines.length;
  return [
    "",
    title,
    ...lines,
    ...(left > 0 ? [`  … and ${formatCount(left)} more (--json lists all)`] : []),
  ];
}

function describeProblem(problem: Summary["problems"][number]): { path: string; reason: string } {
  const { path, line, offset, reason } = problem;
  const place = line === undefined ? `byte ${offset ?? 0}` : `line ${line}`;
  return { path: `${path}, ${place}`, reason };
}
