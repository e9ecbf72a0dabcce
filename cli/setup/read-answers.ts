import { AppError } from "../../lib/errors.ts";
import type { ConfigField } from "../../lib/config/schema.ts";
import { readKeyFromStdin } from "../ui/read-key.ts";
import type { Answers, BackfillAnswer } from "./answers.ts";

/** The flags of setup, as they were given. */
export interface SetupFlags {
  json?: boolean | undefined;
  url?: string | undefined;
  "key-stdin"?: boolean | undefined;
  local?: boolean | undefined;
  from?: string | undefined;
  "tool-calls"?: string | undefined;
  thinking?: string | undefined;
  redact?: string | undefined;
  exclude?: string | undefined;
  register?: string | undefined;
  package?: string | undefined;
  "remove-older"?: string | undefined;
  "skip-check"?: boolean | undefined;
  backfill?: string | undefined;
}

const fieldFlags = {
  "tool-calls": "syncToolCalls",
  thinking: "syncThinking",
  redact: "redact",
} as const satisfies Partial<Record<keyof SetupFlags, ConfigField>>;

/**
 * The answers that flags give, with the key from stdin.
 *
 * @throws AppError "usage" where they can't be understood, or contradict each other
 */
export async function readAnswers(flags: SetupFlags): Promise<Answers> {
  checkCombination(flags);
  const fields: Answers["fields"] = {};
  for (const [flag, field] of Object.entries(fieldFlags)) {
    const isOn = parseYesNo(`--${flag}`, flags[flag as keyof typeof fieldFlags]);
    if (isOn !== undefined) fields[field] = String(isOn);
  }
  if (flags.exclude !== undefined) fields.exclude = flags.exclude;
  return {
    url: flags.url,
    apiKey: flags["key-stdin"] ? await readKeyFromStdin(keyHint) : undefined,
    local: flags.local,
    from: flags.from,
    fields,
    register: parseYesNo("--register", flags.register),
    source: flags.package,
    removeOlder: parseYesNo("--remove-older", flags["remove-older"]),
    skipCheck: flags["skip-check"] === true,
    backfill: parseBackfill(flags.backfill),
  };
}

function checkCombination(flags: SetupFlags): void {
  const servers = (["url", "local", "from"] as const).filter((name) => flags[name]);
  if (servers.length > 1) {
    throw new AppError("usage", `--${servers.join(" and --")} exclude each other`);
  }
  if (flags["key-stdin"] && (flags.local || flags.from)) {
    throw new AppError("usage", `--${servers[0]} brings its own key, so --key-stdin has no place`);
  }
  if (flags.package !== undefined && flags.register === "no") {
    throw new AppError("usage", "--package and --register no exclude each other");
  }
  if (flags.json && flags.backfill !== undefined && flags.backfill !== "no") {
    throw new AppError("usage", "--json goes without --backfill", {
      hint: "Run 'pi-opensync backfill --json' after it.",
    });
  }
}

function parseYesNo(flag: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === "yes" || text === "no") return text === "yes";
  throw new AppError("usage", `${flag} is yes or no, and not '${text}'`);
}

function parseBackfill(text: string | undefined): BackfillAnswer | undefined {
  if (text === undefined || text === "no" || text === "dry-run" || text === "yes") return text;
  throw new AppError("usage", `--backfill is no, dry-run or yes, and not '${text}'`);
}

const keyHint = "For example: pass show opensync | pi-opensync setup --yes --url URL --key-stdin";
