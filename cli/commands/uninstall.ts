import { basename, dirname } from "node:path";

import type { ParsedArgs } from "citty";

import { loadConfig } from "../../lib/config/load.ts";
import { AppError } from "../../lib/errors.ts";
import { isLoopbackUrl, resolveBaseUrl } from "../../lib/opensync/base-url.ts";
import { dashboardUrl } from "../../lib/opensync/dashboard-url.ts";
import { ourPackage, unregisterPackage } from "../../lib/pi/registration.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import type { Env, Paths } from "../../lib/platform/paths.ts";
import { defineCommand } from "../command.ts";
import { exitCodes } from "../exit-code.ts";
import { findRemains, purge } from "../setup/remains.ts";
import type { Remains } from "../setup/remains.ts";
import { shortPath } from "../setup/words.ts";
import { converse } from "../ui/converse.ts";
import { commonFlags } from "../ui/flags.ts";
import { plural } from "../ui/format.ts";
import { isInteractive } from "../ui/interactive.ts";
import type { Prompter } from "../ui/prompt.ts";

const flags = {
  yes: { type: "boolean", description: "Ask nothing" },
  purge: { type: "boolean", description: "Delete configuration and state as well" },
  ...commonFlags,
} as const;

type Args = ParsedArgs<typeof flags>;

/** `pi-opensync uninstall`: pi loads us no more, and on request nothing of us stays here. */
export const uninstallCommand = defineCommand({
  flags,
  examples: [
    ["pi-opensync uninstall", "take it out of pi, and ask about the rest"],
    ["pi-opensync uninstall --yes", "take it out of pi, and keep configuration and state"],
    ["pi-opensync uninstall --yes --purge", "and delete those"],
  ],
  run,
});

async function run(args: Args): Promise<number> {
  const isAsking = args.yes !== true && isInteractive(args);
  if (!isAsking && args.yes !== true) {
    throw new AppError(
      "usage",
      "uninstall has questions, and there is no terminal to ask at, or a flag forbids it",
      {
        hint: "Give --yes, and --purge if configuration and state are to go as well.",
      },
    );
  }
  const { env } = process;
  const paths = resolvePaths(env);
  const remains = await findRemains(env, paths);
  // Before the configuration is deleted.
  const stays = describeStays(remains, await findServer(env, paths));
  if (!isAsking) {
    const done = await remove(args.purge === true, remains, env, paths);
    process.stdout.write(
      args.json
        ? `${JSON.stringify(toJson(done, stays))}\n`
        : `${[...describe(done), ...stays].join("\n")}\n`,
    );
    return exitCodes.well;
  }
  const talked = await converse("Nothing was changed.", async (prompter) => {
    prompter.begin("pi-opensync: uninstall");
    const isPurging = await ask(prompter, remains, args.purge);
    if (isPurging === undefined) return prompter.end("Nothing was changed.");
    const done = await remove(isPurging, remains, env, paths);
    prompter.show("Done", describe(done));
    if (stays.length > 0) prompter.show("What stays", stays);
    prompter.end("pi-opensync is uninstalled.");
  });
  return "exitCode" in talked ? talked.exitCode : exitCodes.well;
}

/** Whether to delete configuration and state; undefined where nothing is to be done. */
async function ask(
  prompter: Prompter,
  { registrations, own, waiting, backups }: Remains,
  purgeFlag: boolean | undefined,
): Promise<boolean | undefined> {
  const listed = registrations.map(({ source }) => `pi loads ${shortPath(source)}`);
  prompter.show("On this machine", [...listed, ...own.map(shortPath)]);
  if (!(await prompter.confirm("Take pi-opensync out of pi?"))) return undefined;
  if (purgeFlag || own.length === 0) return own.length > 0;
  if (backups.length > 0) {
    const dirs = [...new Set(backups.map((path) => shortPath(dirname(path))))];
    prompter.warn(
      `With the state, ${describeBackups(backups)} would be deleted: ${dirs.join(", ")}`,
    );
  }
  if (waiting > 0) {
    prompter.warn(
      `${plural(waiting, "session")} without a file of pi's wait there to be sent, and would be lost.`,
    );
  }
  return prompter.confirm("Delete configuration and state as well?", false);
}

/** What was done. */
interface Removal {
  unregistered: string[];
  /** Folders in pi's extensions directory: only their owner knows what else is in them. */
  folders: string[];
  deleted: string[];
  /** What was deleted with them, and is nowhere else. */
  backups: string[];
}

async function remove(
  isPurging: boolean,
  remains: Remains,
  env: Env,
  paths: Paths,
): Promise<Removal> {
  const unregistered = await unregisterPackage(ourPackage, { env, clock: systemClock });
  if (isPurging) await purge(remains, paths);
  return {
    unregistered,
    folders: remains.registrations
      .filter(({ place }) => place === "folder")
      .map(({ source }) => source),
    deleted: isPurging ? remains.own : [],
    backups: isPurging ? remains.backups : [],
  };
}

function describe({ unregistered, folders, deleted, backups }: Removal): string[] {
  return [
    ...unregistered.map((source) => `pi does not load ${shortPath(source)} any more.`),
    ...(unregistered.length === 0 ? ["pi's settings do not name pi-opensync."] : []),
    ...folders.map((path) => `pi still loads ${shortPath(path)}: delete that folder.`),
    ...deleted.map((path) => `Deleted: ${shortPath(path)}`),
    ...(backups.length > 0 ? [`Deleted with them: ${describeBackups(backups)}`] : []),
  ];
}

/** By the days that their names begin with. */
function describeBackups(backups: readonly string[]): string {
  const days = backups.map((path) => basename(path).slice(0, 10)).sort();
  const [first, last] = [days.at(0), days.at(-1)];
  const when = first === last ? `of ${first}` : `from ${first} to ${last}`;
  return `${plural(backups.length, "backup")} of pi's settings ${when}`;
}

function toJson(
  { unregistered, folders, deleted, backups }: Removal,
  stays: string[],
): Record<string, unknown> {
  return { schemaVersion: 1, unregistered, folders, deleted, backups, stays };
}

function describeStays({ serverDir, storage }: Remains, server: string | undefined): string[] {
  const isElsewhere = server !== undefined && !isLoopbackUrl(server);
  return [
    ...(isElsewhere
      ? [`What was sent stays on the server. Delete it there: ${dashboardUrl(server)}`]
      : []),
    ...(storage
      ? [`pi's settings stay on this machine, and in the storage: ${shortPath(storage)}`]
      : []),
    ...(serverDir
      ? [`The sessions of the server on this machine stay in ${shortPath(serverDir)}`]
      : []),
  ];
}

/** The server that is configured; undefined where there is none, or none that can be used. */
async function findServer(env: Env, paths: Paths): Promise<string | undefined> {
  try {
    const { url } = (await loadConfig(env, paths)).config;
    return url === undefined ? undefined : resolveBaseUrl(url);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
