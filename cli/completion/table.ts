import type { CommandTable } from "../command.ts";
import { spellFlags } from "../ui/flags.ts";
import type { Spelling } from "../ui/flags.ts";

/** What can be typed behind a command. */
export interface CommandCompletion {
  name: string;
  description: string;
  flags: Spelling[];
  /** The words that may stand at each place, where they are known. */
  words: readonly (readonly string[])[];
  /** Whether a file may stand there. */
  takesFiles: boolean;
}

/** What can be typed, read from the commands themselves. */
export function listCompletions(commands: CommandTable): Promise<CommandCompletion[]> {
  return Promise.all(
    Object.entries(commands).map(async ([name, { description, load }]) => {
      const { flags, words = [] } = await load();
      const places = Object.values(flags).filter(({ type }) => type === "positional");
      return {
        name,
        description,
        flags: spellFlags(flags),
        words,
        takesFiles: places.some(({ valueHint = "" }) => valueHint.includes("FILE")),
      };
    }),
  );
}

/** What a flag's value is, by the hint in the help: a folder, a file, or anything. */
export function valueKind({ hint }: Spelling): "folder" | "file" | "other" {
  if (hint === "DIR") return "folder";
  return hint.includes("FILE") ? "file" : "other";
}
