import { AppError } from "../../errors.ts";
import { formatTime } from "../../platform/local-time.ts";
import type { SettingsContext } from "../context.ts";
import type { Commit } from "../remote/commit.ts";
import { parseCommitNumber, prepareRollback } from "../rollback.ts";
import { survey } from "../survey.ts";
import { printable } from "../words.ts";
import type { CommandOptions, Dialogue, Report } from "./dialogue.ts";
import { carryOut } from "./transfer.ts";

const commitsShown = 20;
const namesShown = 3;

/** `history`: the newest snapshots, the newest first. */
export async function showHistory(
  context: SettingsContext,
  { signal }: CommandOptions,
): Promise<Report> {
  const { remote } = await survey(context, signal);
  const commits = await context.log.history(remote, commitsShown, signal);
  return {
    lines: commits.length === 0 ? ["There are no snapshots yet."] : commits.map(describeCommit),
    outcome: "well",
    document: { commits: commits.map(toDocument) },
  };
}

/**
 * `rollback [NUMBER]`: goes back to a snapshot, on this machine and by a new one in the storage. Without
 * its number, asks which.
 */
export async function rollBack(
  context: SettingsContext,
  dialogue: Dialogue,
  options: CommandOptions,
): Promise<Report> {
  const [word] = options.words;
  const number =
    word === undefined ? await chooseCommit(context, dialogue, options) : parseCommitNumber(word);
  if (number === undefined) {
    return {
      lines: ["Nothing was changed."],
      outcome: "declined",
      document: { outcome: "declined" },
    };
  }
  const plan = (): ReturnType<typeof prepareRollback> =>
    prepareRollback(context, number, options.signal);
  const title = { kind: "rollback", note: `to #${number}` } as const;
  return carryOut(context, title, plan, dialogue, options);
}

async function chooseCommit(
  context: SettingsContext,
  dialogue: Dialogue,
  { signal }: CommandOptions,
): Promise<number | undefined> {
  if (!dialogue.isInteractive) {
    throw new AppError("usage", "'rollback' needs the number of a snapshot.", {
      hint: "'history' lists them.",
    });
  }
  const { remote } = await survey(context, signal);
  // The newest is where the storage is already.
  const [, ...commits] = await context.log.history(remote, commitsShown, signal);
  if (commits.length === 0)
    throw new AppError("usage", "There is no older snapshot to go back to.");
  const choices = commits.map((commit) => ({
    value: String(commit.number),
    label: describeCommit(commit),
  }));
  const chosen = await dialogue.choose("Go back to which snapshot?", choices);
  return chosen === undefined ? undefined : Number(chosen);
}

function describeCommit({ number, createdAt, machine, kind, note = "", files }: Commit): string {
  const changed = [...files].map(
    ([path, file]) => `${file === undefined ? "−" : ""}${printable(path)}`,
  );
  const rest = changed.length - namesShown;
  const names = changed.slice(0, namesShown).join(", ");
  const what = printable(`${kind} ${note}`).trim();
  const time = formatTime(createdAt);
  return `#${number}  ${time}  ${printable(machine)}  ${what}  ${names}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function toDocument({ number, id, createdAt, machine, kind, note, files }: Commit): object {
  return {
    number,
    id,
    createdAt,
    machine,
    kind,
    ...(note !== undefined && { note }),
    changed: [...files.keys()],
  };
}
