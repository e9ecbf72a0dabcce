import { hostname } from "node:os";

import type { ParsedArgs } from "citty";

import type { Check } from "../../lib/doctor/check.ts";
import { collectFacts } from "../../lib/doctor/collect.ts";
import type { Surroundings } from "../../lib/doctor/collect.ts";
import type { Facts } from "../../lib/doctor/facts.ts";
import { hideOwner } from "../../lib/doctor/hide-owner.ts";
import { judge } from "../../lib/doctor/judge.ts";
import { redactTexts } from "../../lib/doctor/redact-texts.ts";
import { renderReport } from "../../lib/doctor/render.ts";
import { repair } from "../../lib/doctor/repair.ts";
import type { Repair } from "../../lib/doctor/repair.ts";
import { AppError } from "../../lib/errors.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import { defineCommand } from "../command.ts";
import { exitCodes } from "../exit-code.ts";
import { showChecks } from "../ui/checks.ts";
import { commonFlags } from "../ui/flags.ts";
import { printable } from "../ui/format.ts";
import { createMessages } from "../ui/messages.ts";
import { commit, version } from "../version.ts";

const flags = {
  fix: {
    type: "boolean",
    description:
      "Mend what is safe to mend: permissions, stale locks, half-written settings, the registration with pi",
  },
  offline: { type: "boolean", description: "Leave the network alone" },
  strict: { type: "boolean", description: "Exit with 1 for warnings, too" },
  report: { type: "boolean", description: "Print a text without secrets, to paste into an issue" },
  ...commonFlags,
} as const;

type Args = ParsedArgs<typeof flags>;

/** `pi-opensync doctor`: looks at all that sending depends on, and says what mends it. */
export const doctorCommand = defineCommand({
  flags,
  examples: [
    ["pi-opensync doctor", "what is well, what is not, and what mends it"],
    ["pi-opensync doctor --fix", "mend what is safe to mend"],
    ["pi-opensync doctor --report", "a text for an issue, without secrets"],
    ["pi-opensync doctor --offline --json", "for a program, without the network"],
  ],
  run,
});

async function run(args: Args): Promise<number> {
  if (args.json && args.report)
    throw new AppError("usage", "--json and --report exclude each other");
  const messages = createMessages({
    quiet: args.quiet === true || args.json === true,
    verbose: args.verbose === true,
  });
  const around = describeSurroundings(args.offline === true);
  const { env } = around;
  messages.debug("Looking at pi, the server and our files.");
  let collected = await collectFacts(around);
  let repairs: Repair[] = [];
  if (args.fix) {
    repairs = await repair(collected.facts, around);
    if (repairs.length > 0) collected = await collectFacts(around);
  }
  const { redactor } = collected;
  const facts = args.report ? withoutOwner(collected.facts) : collected.facts;
  const yardstick = { nowMs: systemClock.now(), databaseFormat: await readDatabaseFormat() };
  const checks = await spell(judge(facts, yardstick), facts);
  process.stdout.write(
    args.report
      ? redactor.redactText(renderReport(facts, checks, env)).value
      : render(args, redactTexts({ facts, checks, repairs }, redactor)),
  );
  return exitCodeOf(checks, args.strict === true);
}

/** Commands of settings sync as they are typed; without it, none are loaded. */
async function spell(checks: Check[], { settings }: Facts): Promise<Check[]> {
  if (settings === undefined) return checks;
  const { spellChecks } = await import("../../lib/settings/commands/spell-checks.ts");
  const { settingsPrefix } = await import("../settings/spell.ts");
  return spellChecks(checks, settingsPrefix);
}

function withoutOwner(facts: Facts): Facts {
  const { settings } = facts;
  return settings ? { ...facts, settings: hideOwner(settings) } : facts;
}

function describeSurroundings(isOffline: boolean): Surroundings {
  const { env, platform, arch, versions } = process;
  const runtime = versions.bun === undefined ? `Node ${versions.node}` : `Bun ${versions.bun}`;
  return {
    env,
    cwd: process.cwd(),
    paths: resolvePaths(env),
    clock: systemClock,
    fetch: globalThis.fetch,
    hostname: hostname(),
    program: { version, commit, runtime, system: `${platform} ${arch}` },
    isOffline,
  };
}

async function readDatabaseFormat(): Promise<number> {
  const { migrations } = await import("../../lib/server/migrations/index.ts");
  return migrations.length;
}

interface Result {
  facts: Facts;
  checks: Check[];
  repairs: Repair[];
}

function render(args: Args, { facts, checks, repairs }: Result): string {
  if (args.json) return `${JSON.stringify({ schemaVersion: 1, checks, repairs, facts })}\n`;
  const mended = repairs.map(
    ({ what, failure }) =>
      `${failure === undefined ? "Mended:" : `Not mended (${failure}):`} ${what}`,
  );
  const note = args.offline ? { note: "The server was not asked (--offline)." } : {};
  const lines = mended.length > 0 ? [...mended.map(printable), ""] : [];
  return [...lines, showChecks(checks, { quiet: args.quiet === true, ...note })].join("\n");
}

function exitCodeOf(checks: readonly Check[], isStrict: boolean): number {
  const isBad = ({ status }: Check): boolean =>
    status === "failure" || (isStrict && status === "warning");
  return checks.some(isBad) ? exitCodes.failure : exitCodes.well;
}
