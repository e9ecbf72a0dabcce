import type { Spelling } from "../ui/flags.ts";
import { valueKind } from "./table.ts";
import type { CommandCompletion } from "./table.ts";

/** The script for zsh: to be evaluated behind `compinit`, or put into a folder of `$fpath`. */
export function completeZsh(commands: readonly CommandCompletion[]): string {
  const names = commands.map(
    ({ description, name }) => `    ${quote(`${name}:${description.replaceAll(":", "\\:")}`)}`,
  );
  return `\
#compdef pi-opensync
_pi_opensync() {
  local -a commands
  commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(describeCommand).join("\n")}
  esac
}
if [ "$funcstack[1]" = _pi_opensync ]; then _pi_opensync "$@"; else compdef _pi_opensync pi-opensync; fi
`;
}

function describeCommand({ flags, name, takesFiles, words }: CommandCompletion): string {
  const places = words.map((known, place) => quote(`${place + 1}:word:(${known.join(" ")})`));
  const lines = [
    ...flags.flatMap(describeFlag),
    ...places,
    ...(takesFiles ? [quote("*:file:_files")] : []),
  ];
  return [
    `    ${name})`,
    "      _arguments \\",
    ...lines.map((line) => `        ${line} \\`),
    "      ;;",
  ]
    .join("\n")
    .replace(/ \\\n {6};;$/, "\n      ;;");
}

function describeFlag(flag: Spelling): string[] {
  const text = flag.description.replaceAll(/[[\]:]/g, String.raw`\$&`);
  const action = { folder: "_files -/", file: "_files", other: "" }[valueKind(flag)];
  return flag.names.map((name) =>
    quote(flag.takesValue ? `${name}=[${text}]:value:${action}` : `${name}[${text}]`),
  );
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
