import type { ArgsDef } from "citty";

import type { Command, CommandTable } from "../command.ts";
import { exitCodeTable } from "../exit-code.ts";
import { spellFlags } from "./flags.ts";
import type { Spelling } from "./flags.ts";
import { wrapWords } from "./wrap.ts";

/** So wide is help where it does not stand on a terminal. */
const defaultWidth = 100;

/** The help of the program as a whole. */
export function programUsage(commands: CommandTable, width: number = defaultWidth): string {
  return [
    wrapWords("pi-opensync: every pi session on your OpenSync dashboard", width),
    "",
    "Examples",
    ...formatColumns(
      [
        ["pi-opensync setup", "begin here: choose a server, and let pi send to it"],
        ["pi-opensync serve --backfill", "all on this machine, without an account"],
        ["pi-opensync backfill --dry-run", "what would be sent"],
        ["pi-opensync status", "what is sent, and what waits"],
        ["pi-opensync settings init", "pi's settings, the same on all your machines"],
      ],
      width,
    ),
    "",
    "Commands",
    ...formatColumns(
      Object.entries(commands).map(([name, { description }]) => [name, description]),
      width,
    ),
    "",
    "Flags",
    ...formatColumns(
      [
        ["--help, -h", "Show this help, or that of a command"],
        ["--version", "Show version and commit"],
      ],
      width,
    ),
    "",
    "Exit codes",
    ...formatColumns(exitCodeTable, width),
    "",
  ].join("\n");
}

/** The help of one command, examples first. */
export function commandUsage(
  name: string,
  description: string,
  command: Command,
  width: number = defaultWidth,
): string {
  const { commands = [] } = command;
  const words = Object.entries(command.flags).filter(([, { type }]) => type === "positional");
  return [
    wrapWords(`pi-opensync ${name}: ${description}`, width),
    "",
    "Examples",
    ...formatColumns(command.examples, width),
    "",
    ...(commands.length > 0 ? ["Commands", ...formatColumns(commands, width), ""] : []),
    ...(words.length > 0
      ? ["Arguments", ...formatColumns(words.map(describeWord), width), ""]
      : []),
    "Flags",
    ...formatColumns(spellFlags(command.flags).map(describeFlag), width),
    "",
  ].join("\n");
}

function describeWord([name, { description }]: [string, ArgsDef[string]]): [string, string] {
  return [name.toUpperCase(), description ?? ""];
}

function describeFlag({ description, hint, names }: Spelling): [string, string] {
  return [`${names.join(", ")} ${hint}`.trim(), description];
}

/** A narrower right column than this is put below the left one. */
const rightWidthMin = 24;

/** Two columns; what is on the right goes on there, or stands below where there is too little space. */
export function formatColumns(
  rows: readonly (readonly [string, string])[],
  width: number = defaultWidth,
): string[] {
  const leftWidth = Math.max(...rows.map(([left]) => left.length));
  const rightWidth = width - leftWidth - 4;
  if (rightWidth < rightWidthMin) {
    return rows.flatMap(([left, right]) => [
      wrapWords(`  ${left}`, width),
      wrapWords(`    ${right}`, width),
    ]);
  }
  return rows.flatMap(([left, right]) =>
    wrapWords(right, rightWidth)
      .split("\n")
      .map((line, index) => `  ${(index === 0 ? left : "").padEnd(leftWidth)}  ${line}`),
  );
}
