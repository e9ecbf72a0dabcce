import type { ArgsDef } from "citty";

import { AppError } from "../../lib/errors.ts";
import { suggest } from "../../lib/suggest.ts";

/** Flags that every command takes. */
export const commonFlags = {
  json: { type: "boolean", description: "Print one JSON document, and nothing else, on stdout" },
  quiet: { type: "boolean", description: "Print errors and the result only" },
  verbose: { type: "boolean", description: "Tell what happens in between" },
  help: { type: "boolean", alias: "h", description: "Show this help" },
} as const satisfies ArgsDef;

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
  for (let index = 0; index < rawArgs.length; index++) {
    const arg = rawArgs[index] ?? "";
    if (arg === "--") return [...words, ...rawArgs.slice(index + 1)];
    if (!arg.startsWith("-") || arg === "-") {
      words.push(arg);
      continue;
    }
    const [name, value] = splitFlag(arg);
    const type = flagType(name, flags);
    if (type === undefined) throw unknownFlag(command, name, flags);
    if (seen.has(name) && type === "value") {
      throw usage(command, `'${name}' is given twice`);
    }
    seen.add(name);
    if (value === "") throw usage(command, `'${name}' needs a value`);
    if (type === "boolean" && value !== undefined) {
      throw usage(command, `'${name}' takes no value`);
    }
    if (type === "boolean" || value !== undefined) continue;
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

function flagType(name: string, flags: ArgsDef): "boolean" | "value" | undefined {
  const plain = name.replace(/^--?/, "");
  for (const [flag, { type, ...rest }] of Object.entries(flags)) {
    if (type === "positional") continue;
    const aliases = "alias" in rest ? [rest.alias].flat() : [];
    const isNamed = name.startsWith("--") ? plain === flag : aliases.includes(plain);
    if (isNamed) return type === "boolean" ? "boolean" : "value";
  }
  return undefined;
}

function unknownFlag(command: string, name: string, flags: ArgsDef): AppError {
  const known = Object.keys(flags).filter((flag) => flags[flag]?.type !== "positional");
  const near = suggest(name.replace(/^--?/, ""), known);
  return usage(command, `'${command}' has no flag '${name}'`, near && `--${near}`);
}

function usage(command: string, message: string, near?: string): AppError {
  const meant = near ? `Did you mean '${near}'? ` : "";
  return new AppError("usage", message, {
    hint: `${meant}'pi-opensync ${command} --help' lists what it takes.`,
  });
}
