import type { ArgsDef } from "citty";

import type { Command } from "../command.ts";
import type { CommandEntry } from "../commands.ts";

const exitCodeTable = [
  ["0", "all well"],
  ["1", "failure"],
  ["2", "wrong usage or configuration"],
  ["3", "not configured"],
  ["4", "key refused"],
  ["5", "network trouble, try later"],
  ["6", "partly failed"],
  ["130, 143", "ended by Ctrl-C, by SIGTERM"],
] as const;

/** The help of the program as a whole. */
export function programUsage(commands: Readonly<Record<string, CommandEntry>>): string {
  return [
    "pi-opensync: every pi session on your OpenSync dashboard",
    "",
    "Examples",
    ...columns([
      ["pi-opensync serve --backfill", "all on this machine, without an account"],
      ["pi-opensync backfill --dry-run", "what would be sent"],
      ["pi-opensync backfill", "send it"],
    ]),
    "",
    "Commands",
    ...columns(Object.entries(commands).map(([name, { description }]) => [name, description])),
    "",
    "Flags",
    ...columns([
      ["--help, -h", "Show this help, or that of a command"],
      ["--version", "Show version and commit"],
    ]),
    "",
    "Exit codes",
    ...columns(exitCodeTable),
    "",
  ].join("\n");
}

/** The help of one command, examples first. */
export function commandUsage(name: string, description: string, command: Command): string {
  return [
    `pi-opensync ${name}: ${description}`,
    "",
    "Examples",
    ...columns(command.examples),
    "",
    "Flags",
    ...columns(Object.entries(command.flags).map(describeFlag)),
    "",
  ].join("\n");
}

function describeFlag([name, flag]: [string, ArgsDef[string]]): [string, string] {
  const hint = flag.type === "string" ? ` ${flag.valueHint ?? "VALUE"}` : "";
  const alias = "alias" in flag && flag.alias ? `, -${[flag.alias].flat().join(", -")}` : "";
  return [`--${name}${alias}${hint}`, flag.description ?? ""];
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
