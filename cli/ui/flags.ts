import type { ArgsDef } from "citty";

import { AppError } from "../../lib/errors.ts";
import { suggest } from "../../lib/suggest.ts";

/** Flags that every command takes. */
export const commonFlags = {
  json: { type: "boolean", description: "Print one JSON document, and nothing else, on stdout" },
  quiet: { type: "boolean", description: "Print errors and the result only" },
  verbose: { type: "boolean", description: "Tell what happens in between" },
  color: { type: "boolean", default: true, negativeDescription: "Print without colours" },
  input: {
    type: "boolean",
    default: true,
    negativeDescription: "Ask nothing; fail where an answer is missing",
  },
  help: { type: "boolean", alias: "h", description: "Show this help" },
} as const satisfies ArgsDef;

/** A flag as it is typed, and what it is for. */
export interface Spelling {
  /** With their dashes, the long one first: `--help`, `-h`. */
  names: readonly string[];
  takesValue: boolean;
  description: string;
  /** What kind of value it takes, if any. */
  hint: string;
}

/**
 * How flags are typed; words without dashes are left out. A flag that is on unless told otherwise
 * can only be taken back, with `--no-` before its name.
 */
export function spellFlags(flags: ArgsDef): Spelling[] {
  const typed = Object.entries(flags).filter(([, { type }]) => type !== "positional");
  return typed.map(([name, flag]) => {
    const isOn = flag.type === "boolean" && flag.default === true;
    const aliases = "alias" in flag && flag.alias ? [flag.alias].flat() : [];
    const shortNames = aliases.map((alias) => `-${alias}`);
    return {
      names: [`--${isOn ? "no-" : ""}${name}`].concat(shortNames),
      takesValue: flag.type !== "boolean",
      description: (isOn ? flag.negativeDescription : flag.description) ?? "",
      hint: flag.type === "string" ? (flag.valueHint ?? "VALUE") : "",
    };
  });
}

/**
 * Refuses what citty lets pass: flags that the command does not have, values that are missing, and
 * words too many. A mistyped `--dry-rnu` must not do the real thing.
 *
 * @throws AppError "usage"
 */
export function checkFlags(command: string, rawArgs: readonly string[], flags: ArgsDef): void {
  const words = positionals(rawArgs, flags, command);
  const allowed = Object.values(flags).filter((flag) => flag.type === "positional").length;
  const extra = words[allowed];
  if (extra !== undefined) {
    throw usage(command, `'${command}' does not take '${extra}'`);
  }
}

function positionals(rawArgs: readonly string[], flags: ArgsDef, command: string): string[] {
  const words: string[] = [];
  const seen = new Set<string>();
  const spellings = spellFlags(flags);
  for (let index = 0; index < rawArgs.length; index++) {
    const arg = rawArgs[index] ?? "";
    if (arg === "--") return [...words, ...rawArgs.slice(index + 1)];
    if (!arg.startsWith("-") || arg === "-") {
      words.push(arg);
      continue;
    }
    const [name, value] = splitFlag(arg);
    const meant = spellings.find(({ names }) => names.includes(name));
    if (meant === undefined) throw unknownFlag(command, name, spellings);
    const { takesValue } = meant;
    if (seen.has(name) && takesValue) throw usage(command, `'${name}' is given twice`);
    seen.add(name);
    if (value === "") throw usage(command, `'${name}' needs a value`);
    if (!takesValue && value !== undefined) throw usage(command, `'${name}' takes no value`);
    if (!takesValue || value !== undefined) continue;
    index += 1;
    const next = rawArgs[index];
    if (!next || next.startsWith("--")) {
      throw usage(command, `'${name}' needs a value`);
    }
  }
  return words;
}

function splitFlag(arg: string): [string, string?] {
  const equals = arg.indexOf("=");
  return equals === -1 ? [arg] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

function unknownFlag(command: string, name: string, spellings: readonly Spelling[]): AppError {
  const known = spellings.map(({ names: [long = ""] }) => long.slice(2));
  const near = suggest(name.replace(/^--?/, ""), known);
  return usage(command, `'${command}' has no flag '${name}'`, near && `--${near}`);
}

function usage(command: string, message: string, near?: string): AppError {
  const meant = near ? `Did you mean '${near}'? ` : "";
  return new AppError("usage", message, {
    hint: `${meant}'pi-opensync ${command} --help' lists what it takes.`,
  });
}
