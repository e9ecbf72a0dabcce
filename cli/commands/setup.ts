import type { ParsedArgs } from "citty";

import { AppError } from "../../lib/errors.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import { defineCommand } from "../command.ts";
import { planFrom } from "../setup/answers.ts";
import { gatherFacts } from "../setup/facts.ts";
import { readAnswers } from "../setup/read-answers.ts";
import { setUpWithDialogue } from "../setup/with-dialogue.ts";
import { setUpWithFlags } from "../setup/with-flags.ts";
import { commonFlags } from "../ui/flags.ts";
import { isInteractive } from "../ui/interactive.ts";

const yesNo = { type: "string", valueHint: "yes|no" } as const;

const flags = {
  yes: { type: "boolean", description: "Ask nothing; what no flag says stays as it is" },
  url: { type: "string", valueHint: "URL", description: "The server's address" },
  "key-stdin": { type: "boolean", description: "Read the key from stdin" },
  local: { type: "boolean", description: "Keep sessions on this machine, without an account" },
  from: {
    type: "string",
    valueHint: "PLUGIN",
    description: "Take server and key of another OpenSync plugin, such as claude-code-sync",
  },
  "tool-calls": { ...yesNo, description: "Send tool calls and results" },
  thinking: { ...yesNo, description: "Send the model's thinking" },
  redact: { ...yesNo, description: "Replace secrets" },
  exclude: { type: "string", valueHint: "GLOB,…", description: "Projects that are never sent" },
  register: { ...yesNo, description: "Let pi load pi-opensync (yes)" },
  package: {
    type: "string",
    valueHint: "SOURCE",
    description: "What pi loads: npm:…, git:…, or the folder of a clone",
  },
  "remove-older": { ...yesNo, description: "Take pi-opensync-plugin out of pi (no)" },
  "skip-check": { type: "boolean", description: "Do not ask the server whether it takes the key" },
  backfill: {
    type: "string",
    valueHint: "no|dry-run|yes",
    description: "Send the sessions that are here (no)",
  },
  ...commonFlags,
} as const;

/** `pi-opensync setup`: server, key and options, and pi told of the extension. */
export const setupCommand = defineCommand({
  flags,
  examples: [
    ["pi-opensync setup", "asks for all that it needs"],
    ["pi-opensync setup --local", "on this machine, without an account"],
    ["pi-opensync setup --yes --from claude-code-sync", "with the key of another plugin"],
    ["pass show opensync | pi-opensync setup --yes --url URL --key-stdin", "without a question"],
    ["pi-opensync setup --yes --exclude '~/private/**'", "changes that alone"],
  ],
  run,
});

async function run(args: ParsedArgs<typeof flags>): Promise<number> {
  const isAsking = args.yes !== true && isInteractive(args);
  if (!isAsking && args.yes !== true) {
    throw new AppError(
      "usage",
      "setup has questions, and there is no terminal to ask at, or a flag forbids it",
      {
        hint: "Say all with flags: --yes, and --url with --key-stdin, or --local, or --from.",
      },
    );
  }
  const answers = await readAnswers(args);
  const { env } = process;
  const cwd = process.cwd();
  const paths = resolvePaths(env);
  const facts = await gatherFacts(env, paths, cwd);
  const plan = await planFrom(answers, facts, { env, cwd });
  const setup = { answers, facts, plan, paths, env };
  return isAsking ? setUpWithDialogue(setup) : setUpWithFlags(setup, args);
}
