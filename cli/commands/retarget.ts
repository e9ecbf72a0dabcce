import type { ParsedArgs } from "citty";

import { findTrouble } from "../../lib/config/check.ts";
import { updateConfigFile } from "../../lib/config/file.ts";
import { requireTarget } from "../../lib/config/load.ts";
import { configSpec } from "../../lib/config/schema.ts";
import { AppError } from "../../lib/errors.ts";
import { resolveBaseUrl } from "../../lib/opensync/base-url.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { defineCommand } from "../command.ts";
import { isSilent, openContext } from "../context.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { findSessions } from "../sync/find-sessions.ts";
import { runSync } from "../sync/run-sync.ts";
import { commonFlags } from "../ui/flags.ts";
import { isInteractive } from "../ui/interactive.ts";
import { askKey, readKeyFromStdin } from "../ui/read-key.ts";

const flags = {
  url: {
    type: "positional",
    required: false,
    description: "The new server, as you find it in the browser",
  },
  "key-stdin": { type: "boolean", description: "Read the key for it from stdin" },
  "dry-run": { type: "boolean", description: "Send nothing and change nothing, say what would be" },
  yes: { type: "boolean", description: "Send without asking" },
  ...commonFlags,
} as const;

type Args = ParsedArgs<typeof flags>;

const keyHint = "Pipe it: pass show opensync | pi-opensync retarget URL --key-stdin --yes";

/** `pi-opensync retarget`: sends everything to another server, and points the configuration there. */
export const retargetCommand = defineCommand({
  flags,
  examples: [
    ["pi-opensync retarget https://sync.example.com", "asks for the key, shows what would be sent"],
    ["… | pi-opensync retarget URL --key-stdin --dry-run", "what would be sent, no more"],
    ["… | pi-opensync retarget URL --key-stdin --yes", "for a script"],
  ],
  run,
});

async function run(args: Args): Promise<number> {
  if (args.url === undefined) {
    throw new AppError("usage", "'retarget' needs the address of the new server", {
      hint: "For example: pi-opensync retarget https://sync.example.com",
    });
  }
  const url = resolveBaseUrl(args.url);
  const context = await openContext(args);
  const { config, env, messages, origin, paths } = context;
  checkOrigin(context);
  if (!args["dry-run"] && !args.yes && !isInteractive(args)) {
    throw new AppError("usage", "'retarget' sends all sessions, which takes a yes", {
      hint: "Give --yes, or look first with --dry-run.",
    });
  }
  const apiKey = args["key-stdin"]
    ? await readKeyFromStdin(keyHint)
    : await askKey(`API key for ${url}`, args, keyHint);
  const next = { ...context, config: { ...config, url, apiKey } };
  const trouble = await findTrouble(next.config, {
    env,
    clock: systemClock,
    fetch: globalThis.fetch,
    signal: new AbortController().signal,
  });
  if (trouble) throw trouble;

  const target = await requireTarget(next.config, env);
  const files = await findSessions({}, messages);
  const plan = await runSync(next, { args, target, files, dryRun: true, hideProgress: true });
  if (args["dry-run"] || plan.exitCode === exitCodes.interrupted) {
    process.stdout.write(plan.report);
    return plan.exitCode;
  }
  if (!args.yes || !isSilent(args)) process.stderr.write(`To ${url}:\n${plan.report}\n`);
  if (!args.yes && !(await isAgreed(url))) {
    messages.info("Nothing was sent, and nothing is changed.");
    return exitCodes.well;
  }
  const { summary, report, exitCode } = await runSync(next, { args, target, files });
  process.stdout.write(report);
  if (summary.isStopped) {
    messages.info(`${paths.configFile} is as it was: sessions go on to the server from before.`);
    return exitCode;
  }
  await updateConfigFile(paths.configFile, { url, apiKey });
  const before = origin.url === "file" && config.url !== url ? ` They went to ${config.url}.` : "";
  messages.info(`From now on, sessions go to ${url}.${before}`);
  return exitCode;
}

/** @throws AppError "config" where the file has no say in where sessions go */
function checkOrigin({ origin }: Context): void {
  const field = (["url", "apiKey"] as const).find((name) => origin[name] === "environment");
  if (field === undefined) return;
  const { variable } = configSpec[field];
  throw new AppError("config", `${variable} is set, and overrides the configuration file.`, {
    hint: `Unset ${variable} where it is set, and try again.`,
  });
}

async function isAgreed(url: string): Promise<boolean> {
  const { createPrompter } = await import("../ui/prompt.ts");
  const prompter = createPrompter(new AbortController().signal);
  return prompter.confirm(`Send all this to ${url}, and every session from now on?`);
}
