import type { Spelling } from "../ui/flags.ts";
import { valueKind } from "./table.ts";
import type { CommandCompletion } from "./table.ts";

/** The script for fish 3 and later. */
export function completeFish(commands: readonly CommandCompletion[]): string {
  const lines = commands.flatMap((command) => {
    const { description, flags, name, takesFiles, words } = command;
    const here = `__pi_opensync_at ${name}`;
    // Places are counted by the words that stand already; flags do not count.
    const places = words.map((known, place) =>
      complete(
        `${here}; and test (__pi_opensync_words) -eq ${place + 2}`,
        `-a ${quote(known.join(" "))}`,
      ),
    );
    return [
      complete("test (__pi_opensync_words) -eq 1", `-a ${name} -d ${quote(description)}`),
      ...places,
      ...(takesFiles ? [complete(here, "-F")] : []),
      ...flags.map((flag) => complete(here, describeFlag(flag))),
    ];
  });
  return `\
# pi-opensync completion for fish
function __pi_opensync_words
  count (string match -v -- '-*' (commandline -opc))
end
function __pi_opensync_at
  set -l typed (commandline -opc)
  test (count $typed) -gt 1; and test $typed[2] = $argv[1]
end
complete -c pi-opensync -f
${lines.join("\n")}
`;
}

function complete(condition: string, what: string): string {
  return `complete -c pi-opensync -n ${quote(condition)} ${what}`;
}

function describeFlag(flag: Spelling): string {
  const options = flag.names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const values = { folder: "-x -a '(__fish_complete_directories)'", file: "-r -F", other: "-x" };
  const value = flag.takesValue ? [values[valueKind(flag)]] : [];
  return [...options, ...value, "-d", quote(flag.description)].join(" ");
}

/** In single quotes, fish knows the escapes of the quote and of the backslash alone. */
function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
