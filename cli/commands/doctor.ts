import { isatty } from "node:tty";

import type { ParsedArgs } from "citty";

import type { Check, Status } from "../../lib/doctor/check.ts";
import { collectFacts } from "../../lib/doctor/collect.ts";
import type { Surroundings } from "../../lib/doctor/collect.ts";
import type { Facts } from "../../lib/doctor/facts.ts";
import { judge } from "../../lib/doctor/judge.ts";
import { redactTexts } from "../../lib/doctor/redact-texts.ts";
import { renderChecks, renderReport, renderTally } from "../../lib/doctor/render.ts";
import { repair } from "../../lib/doctor/repair.ts";
import type { Repair } from "../../lib/doctor/repair.ts";
import { AppError } from "../../lib/errors.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import { defineCommand } from "../command.ts";
import { exitCodes } from "../exit-code.ts";
import { commonFlags } from "../ui/flags.ts";
import { printable } from "../ui/format.ts";
import { createMessages } from "../ui/messages.ts";
import { outputWidth } from "../ui/width.ts";
import { commit, version } from "../version.ts";

const flags = {
  fix: {
    type: "boolean",
    description: "Mend what is safe to mend: permissions, stale locks, the registration with pi",
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
  const checks = judge(collected.facts, {
    nowMs: systemClock.now(),
    databaseFormat: await readDatabaseFormat(),
  });
  const { facts, redactor } = collected;
  process.stdout.write(
    args.report
      ? redactor.redactText(renderReport(facts, checks, env)).value
      : render(args, redactTexts({ facts, checks, repairs }, redactor)),
  );
  return exitCodeOf(checks, args.strict === true);
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
  const shown = args.quiet ? checks.filter(({ status }) => status !== "well") : checks;
  const mended = repairs.map(
    ({ what, failure }) =>
      `${failure === undefined ? "Mended:" : `Not mended (${failure}):`} ${what}`,
  );
  return [
    ...(mended.length > 0 ? [...mended.map(printable), ""] : []),
    ...(shown.length > 0
      ? [renderChecks(shown, { width: outputWidth(), env: process.env, paint }), ""]
      : []),
    ...(args.offline ? ["The server was not asked (--offline)."] : []),
    renderTally(checks),
    "",
  ].join("\n");
}

const colours: Record<Status, number> = { well: 32, warning: 33, failure: 31 };

function paint(status: Status, sign: string): string {
  const isColourful = isatty(1) && !process.env["NO_COLOR"];
  return isColourful ? `\u001b[${colours[status]}m${sign}\u001b[0m` : sign;
}

function exitCodeOf(checks: readonly Check[], isStrict: boolean): number {
  const isBad = ({ status }: Check): boolean =>
    status === "failure" || (isStrict && status === "warning");
  return checks.some(isBad) ? exitCodes.failure : exitCodes.well;
}
