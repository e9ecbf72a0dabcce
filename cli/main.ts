import { writeSync } from "node:fs";

import { AppError } from "../lib/errors.ts";
import { commands } from "./commands.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";

process.exitCode = await main(process.argv.slice(2));

/** Runs the program and gives its exit code. The only place where errors are caught and told. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(argv);
  } catch (error) {
    const { tellError } = await import("./ui/tell-error.ts");
    tellError(error, argv.includes("--json"));
    return exitCodeOf(error);
  }
}

async function dispatch([name, ...rawArgs]: readonly string[]): Promise<number> {
  if (name === "--version") {
    const { commit, version } = await import("./version.ts");
    print(`pi-opensync ${version} (${commit})\n`);
    return exitCodes.well;
  }
  const isHelp = name === "--help" || name === "-h" || name === "help";
  if (isHelp && rawArgs[0] !== undefined) return runNamed(rawArgs[0], ["--help"]);
  if (isHelp || name === undefined) {
    const { programUsage } = await import("./ui/usage.ts");
    const { outputWidth } = await import("./ui/width.ts");
    print(programUsage(commands, outputWidth()));
    return isHelp ? exitCodes.well : exitCodes.usage;
  }
  return runNamed(name, rawArgs);
}

/** Opening `process.stdout` takes a third of the time in which the program starts. */
function print(text: string): void {
  try {
    writeSync(1, text);
  } catch (error) {
    // A reader such as `head` that has seen enough is no failure.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

async function runNamed(name: string, rawArgs: string[]): Promise<number> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) throw await unknownCommand(name);
  const command = await entry.load();
  if (rawArgs.includes("--help") || rawArgs.includes("-h")) {
    const { commandUsage } = await import("./ui/usage.ts");
    const { outputWidth } = await import("./ui/width.ts");
    print(commandUsage(name, entry.description, command, outputWidth()));
    return exitCodes.well;
  }
  const { runCommand } = await import("citty");
  const { checkFlags } = await import("./ui/flags.ts");
  const { prepareProcess } = await import("./prepare-process.ts");
  checkFlags(name, rawArgs, command.flags);
  prepareProcess(rawArgs);
  const { result } = await runCommand(
    { args: command.flags, run: ({ args }) => command.run(args) },
    { rawArgs },
  );
  return typeof result === "number" ? result : exitCodes.well;
}

async function unknownCommand(name: string): Promise<AppError> {
  if (name.startsWith("-")) {
    return new AppError("usage", `'${name}' stands before a command`, {
      hint: "Flags stand behind the command: pi-opensync status --json",
    });
  }
  const { suggest } = await import("../lib/suggest.ts");
  const near = suggest(name, Object.keys(commands));
  return new AppError("usage", `there is no command '${name}'`, {
    hint: `${near ? `Did you mean '${near}'? ` : ""}'pi-opensync --help' lists all of them.`,
  });
}
