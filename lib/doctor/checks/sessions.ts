import { aboutSubject } from "../check.ts";
import type { Check } from "../check.ts";
import type { ProgressFacts } from "../facts/progress.ts";
import type { SessionFacts } from "../facts/sessions.ts";
import { count, describeSpan } from "../words.ts";

const folder = aboutSubject("sessions", "Sessions");
const readable = aboutSubject("sessions-readable", "Readable");
const progress = aboutSubject("progress", "Sent");

/** So many are named; a person mends one after another. */
const namedMax = 3;

/** Whether there are sessions, and whether they can be read. */
export function checkSessions({
  defaultDir,
  hasDefaultDir,
  dirs,
  files,
  unreadable,
}: SessionFacts): Check[] {
  const where = dirs.map(({ path }) => path).join(", ");
  const found =
    files > 0
      ? folder.well(`${count(files, "session file")} in ${where}.`)
      : folder.warning({
          found: hasDefaultDir ? `${defaultDir} is empty.` : `There is no ${defaultDir} yet.`,
          why: "There is nothing to send.",
          fix: "Start pi and give it a prompt, or name another folder in PI_CODING_AGENT_SESSION_DIR.",
        });
  const [first] = unreadable;
  if (!first) return files > 0 ? [found, readable.well("All of them can be read.")] : [found];
  const named = unreadable.slice(0, namedMax).map(({ path, reason }) => `${path} (${reason})`);
  const more = unreadable.length - named.length;
  return [
    found,
    readable.failure({
      found: `${count(unreadable.length, "of them")} can't be read: ${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}.`,
      why: "What can't be read is not sent.",
      fix: /EACCES|EPERM/.test(first.reason)
        ? `chmod u+rwX "${first.path}"`
        : "Put them back from a backup, or move them out of the folder.",
    }),
  ];
}

/** How far the sessions got. */
export function checkProgress(facts: ProgressFacts, nowMs: number): Check[] {
  const { lastReason, messages, problem, sessions } = facts;
  const { failed, private: kept, skipped, synced } = sessions;
  const { new: unsent, waiting } = sessions;
  if (problem !== undefined) {
    return [
      progress.failure({
        found: problem,
        why: "What was sent is not known, so all of it would be sent again.",
        fix: "Make the folder yours and writable, or remove it.",
      }),
    ];
  }
  const isEmpty = Object.values(sessions).every((number) => number === 0);
  if (isEmpty) return [];
  const counts = [
    `${count(synced, "session")} with ${count(messages, "message")} sent`,
    waiting > 0 ? `${waiting} waiting` : "",
    unsent > 0 ? `${unsent} never sent` : "",
    failed > 0 ? `${failed} failed` : "",
    skipped > 0 ? `${skipped} with nothing to send` : "",
    kept > 0 ? `${kept} private` : "",
  ];
  const summary = `${counts.filter((text) => text !== "").join(", ")}.${describeLast(facts, nowMs)}`;
  if (failed > 0) {
    return [
      progress.warning({
        found: `${summary} The last failure: ${lastReason ?? "unknown"}`,
        why: "What failed is not on the dashboard as a whole; all else goes on.",
        fix: "pi-opensync list --state failed",
      }),
    ];
  }
  if (waiting + unsent === 0) return [progress.well(summary)];
  return [
    progress.warning({
      found: summary,
      why: "They are not on the dashboard yet.",
      // A sync leaves alone what was never begun.
      fix: unsent > 0 ? "pi-opensync backfill" : "pi-opensync sync",
    }),
  ];
}

function describeLast({ lastSuccessAtMs }: ProgressFacts, nowMs: number): string {
  if (lastSuccessAtMs === undefined) return "";
  return ` Last success ${describeSpan(Math.max(0, nowMs - lastSuccessAtMs))} ago.`;
}
