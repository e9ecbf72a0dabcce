import type { SessionState } from "../../lib/sync/survey.ts";
import { formatTime } from "../../lib/platform/local-time.ts";
import { formatCount, formatSpan, plural, printable } from "./format.ts";
import { wrapWords } from "./wrap.ts";

/** A session that the server does not take, or that can't be read. */
export interface FailedSession {
  path: string;
  reason: string;
}

/** How it stands with all sessions of this machine and the server that they go to. */
export interface Status {
  server: string;
  /** Masked. */
  key: string;
  /** When a session was last delivered as a whole, in Unix milliseconds. */
  lastSuccessAt: number | undefined;
  sessions: Record<SessionState, number>;
  failed: FailedSession[];
  /** Sessions that a pi that runs has open. */
  underWay: string[];
  /** Sessions that a pi did not get to the end of. */
  leftBehind: string[];
  configFile: string;
  /** Variables of the environment that are set. */
  overrides: string[];
}

/** So many failures are told of; `list` has all. */
const failuresShownMax = 3;
const labelWidth = 12;

/** The state on one screen. `now` is Unix time in milliseconds. */
export function renderStatus(status: Status, now: number, width = Infinity): string {
  const { configFile, failed, key, overrides, server } = status;
  const row = (label: string, text: string): string[] =>
    wrapWords(printable(text), width - labelWidth)
      .split("\n")
      .map((line, index) => `${(index === 0 ? label : "").padEnd(labelWidth)}${line}`);
  return [
    wrapWords(`OpenSync: ${summarize(status)}`, width),
    "",
    ...row("Server", `${server}, key ${key}`),
    ...row("Up to date", describeLast(status.lastSuccessAt, now)),
    ...row("Sessions", describeCounts(status)),
    ...row("Live", describeLive(status)),
    ...row("Settings", configFile + describeOverrides(overrides)),
    ...failed
      .slice(0, failuresShownMax)
      .flatMap(({ path, reason }, index) =>
        row(index === 0 ? "Failed" : "", `${shortName(path)}: ${reason}`),
      ),
    ...adviseNext(status).map((line) => wrapWords(line, width)),
    "",
  ].join("\n");
}

/** How it stands, in a few words: those of pi's own `/opensync status`. */
function summarize({ leftBehind, sessions }: Status): string {
  const waiting = Math.max(sessions.waiting, leftBehind.length);
  const parts = [
    waiting > 0 ? `${plural(waiting, "session")} ${waiting === 1 ? "waits" : "wait"}` : "",
    sessions.failed > 0 ? `${formatCount(sessions.failed)} failed` : "",
  ].filter((part) => part !== "");
  if (parts.length > 0) return parts.join(", ");
  if (Object.values(sessions).every((count) => count === 0)) return "there are no sessions";
  return sessions.synced === 0 && sessions.new > 0 ? "nothing is sent yet" : "all is sent";
}

function describeLast(lastSuccessAt: number | undefined, now: number): string {
  if (lastSuccessAt === undefined) return "not yet";
  const seconds = Math.max(0, (now - lastSuccessAt) / 1000);
  const ago = seconds < 86_400 ? formatSpan(seconds) : plural(Math.round(seconds / 86_400), "day");
  return `${ago} ago (${formatTime(lastSuccessAt)})`;
}

function describeCounts({ sessions }: Status): string {
  const { failed, private: kept, skipped, synced, waiting } = sessions;
  const optional = [
    sessions.new > 0 ? `${formatCount(sessions.new)} never sent` : "",
    skipped > 0 ? `${formatCount(skipped)} skipped` : "",
    kept > 0 ? `${formatCount(kept)} private` : "",
  ];
  const all = [
    `${formatCount(synced)} sent`,
    `${formatCount(waiting)} waiting`,
    `${formatCount(failed)} failed`,
    ...optional,
  ];
  return all.filter((part) => part !== "").join(", ");
}

function describeLive({ leftBehind, underWay }: Status): string {
  const left = leftBehind.length > 0 ? `, ${formatCount(leftBehind.length)} left behind` : "";
  const now = underWay.length > 0 ? `${formatCount(underWay.length)} under way in pi` : "none";
  return `${now}${left}`;
}

function describeOverrides(names: readonly string[]): string {
  return names.length > 0 ? `, and ${names.join(", ")} of the environment` : "";
}

function adviseNext({ leftBehind, sessions }: Status): string[] {
  const lines = [
    sessions.waiting + leftBehind.length > 0 ? "pi-opensync sync sends what waits." : "",
    sessions.new > 0 ? "pi-opensync backfill sends the rest." : "",
    sessions.failed > 0 ? "pi-opensync list --state failed says why." : "",
  ].filter((line) => line !== "");
  return lines.length > 0 ? ["", ...lines] : [];
}

function shortName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
