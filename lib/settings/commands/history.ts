import { AppError } from "../../errors.ts";
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

/** `rollback <number>`: goes back to a snapshot, on this machine and by a new one in the storage. */
export async function rollBack(
  context: SettingsContext,
  dialogue: Dialogue,
  options: CommandOptions,
): Promise<Report> {
  const [word] = options.words;
  if (word === undefined) {
    throw new AppError("usage", "'rollback' needs the number of a snapshot.", {
      hint: "'history' lists them.",
    });
  }
  const number = parseCommitNumber(word);
  const plan = (): ReturnType<typeof prepareRollback> =>
    prepareRollback(context, number, options.signal);
  const title = { kind: "rollback", note: `to #${number}` } as const;
  return carryOut(context, title, plan, dialogue, options);
}

function describeCommit({ number, createdAt, machine, kind, note = "", files }: Commit): string {
  const changed = [...files].map(
    ([path, file]) => `${file === undefined ? "−" : ""}${printable(path)}`,
  );
  const rest = changed.length - namesShown;
  const names = changed.slice(0, namesShown).join(", ");
  const what = printable(`${kind} ${note}`).trim();
  const time = new Date(createdAt).toISOString().slice(0, 16).replace("T", " ");
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
