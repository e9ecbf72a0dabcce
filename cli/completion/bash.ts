import { valueKind } from "./table.ts";
import type { CommandCompletion } from "./table.ts";

/** The script for bash 3.2 and later, which has no descriptions. */
export function completeBash(commands: readonly CommandCompletion[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `\
# pi-opensync completion for bash
_pi_opensync_words() { COMPREPLY=($(compgen -W "$1" -- "$2")); }
_pi_opensync_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$2"))
}
_pi_opensync() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local command=\${COMP_WORDS[1]} flags= words= index place=0
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _pi_opensync_words "${names} --help --version" "$word"
    return
  fi
  for ((index = 2; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in -*) ;; *) place=$((place + 1)) ;; esac
  done
  case $command in
${commands.map(describeCommand).join("\n")}
  esac
  case $word in
    -*) _pi_opensync_words "$flags" "$word" ;;
    *) if [ "$words" = "<file>" ]; then _pi_opensync_files -f "$word"
       else _pi_opensync_words "\${words:-$flags}" "$word"; fi ;;
  esac
}
complete -F _pi_opensync pi-opensync
`;
}

function describeCommand({ flags, name, takesFiles, words }: CommandCompletion): string {
  const valued = flags.filter(({ takesValue }) => takesValue);
  const values = valued.map((flag) => {
    const action = { folder: "-d", file: "-f", other: undefined }[valueKind(flag)];
    const reply = action === undefined ? "" : `_pi_opensync_files ${action} "$word"; `;
    return `        ${flag.names.join("|")}) ${reply}return ;;`;
  });
  const places = words.map((known, place) => `        ${place}) words="${known.join(" ")}" ;;`);
  if (takesFiles) places.push('        *) words="<file>" ;;');
  return [
    `    ${name})`,
    `      flags="${flags.flatMap(({ names }) => names).join(" ")}"`,
    ...(values.length > 0 ? ["      case $before in", ...values, "      esac"] : []),
    ...(places.length > 0 ? ["      case $place in", ...places, "      esac"] : []),
    "      ;;",
  ].join("\n");
}
