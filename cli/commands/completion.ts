import type { ParsedArgs } from "citty";

import { AppError } from "../../lib/errors.ts";
import { suggest } from "../../lib/suggest.ts";
import { defineCommand } from "../command.ts";
import type { Command, CommandTable } from "../command.ts";
import { completeBash } from "../completion/bash.ts";
import { completeFish } from "../completion/fish.ts";
import { listCompletions } from "../completion/table.ts";
import { completeZsh } from "../completion/zsh.ts";
import { exitCodes } from "../exit-code.ts";
import { commonFlags } from "../ui/flags.ts";

const shells = { bash: completeBash, zsh: completeZsh, fish: completeFish } as const;
const shellNames = Object.keys(shells) as (keyof typeof shells)[];

const flags = {
  shell: { type: "positional", required: false, description: shellNames.join(", ") },
  ...commonFlags,
} as const;

/** `pi-opensync completion`: a script that has the shell complete these commands, and their flags. */
export function createCompletion(commands: CommandTable): Command {
  return defineCommand({
    flags,
    words: [shellNames],
    examples: [
      ['eval "$(pi-opensync completion bash)"', "in ~/.bashrc"],
      ['eval "$(pi-opensync completion zsh)"', "in ~/.zshrc, behind compinit"],
      ["pi-opensync completion fish | source", "in ~/.config/fish/config.fish"],
    ],
    run: (args) => run(args, commands),
  });
}

async function run(args: ParsedArgs<typeof flags>, commands: CommandTable): Promise<number> {
  const shell = shellNames.find((name) => name === args.shell);
  if (shell === undefined) {
    const near = suggest(args.shell ?? "", shellNames);
    throw new AppError("usage", "'completion' needs the name of a shell", {
      hint: near ? `Did you mean '${near}'?` : `There are ${shellNames.join(", ")}.`,
    });
  }
  const script = shells[shell](await listCompletions(commands));
  process.stdout.write(
    args.json ? `${JSON.stringify({ schemaVersion: 1, shell, script })}\n` : script,
  );
  return exitCodes.well;
}
