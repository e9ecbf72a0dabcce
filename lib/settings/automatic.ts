import { AppError } from "../errors.ts";
import { isLoopbackUrl } from "../opensync/base-url.ts";
import { startDeadline } from "../platform/deadline.ts";
import { loadSettingsConfig } from "./config/load.ts";
import { isFolderEndpoint } from "./config/endpoint.ts";
import type { SettingsConfig } from "./config/schema.ts";
import { isSettingsConfigured } from "./config/storage.ts";
import { openConfigured } from "./context.ts";
import type { SettingsTools } from "./context.ts";
import { LockedError } from "./lock.ts";
import { prepare, runOperation } from "./run.ts";
import type { Outcome } from "./run.ts";
import { degradedNote, describeForFooter, printable } from "./words.ts";

/** What a person should know of an automatic sync. */
export interface AutomaticNews {
  /** How both sides stand, for the footer: `settings ↑2 ↓1`. Undefined where they agree. */
  footer?: string | undefined;
  /** What happened, if it is worth a word. */
  notice?: { text: string; level: "info" | "warning" };
}

/** A storage that is slower is left for the next start. */
const timeoutMs = 30_000;

/**
 * Syncs where nothing is in doubt; nothing is asked, and no more is done than in the table of
 * automatic sync. Without a configuration, or where another process syncs, or the storage can't be
 * reached, it is as if nothing had been.
 *
 * @throws AppError where the configuration can't be used, or the storage refuses
 */
export async function syncAutomatically(
  tools: SettingsTools,
  isOffline: boolean,
  signal: AbortSignal,
): Promise<AutomaticNews> {
  const { env, paths, hostname } = tools;
  const { config } = await loadSettingsConfig(env, paths, hostname);
  if (!config.autoSync || !isSettingsConfigured(config)) return {};
  if (isOffline && !isOnThisMachine(config)) return {};
  const deadline = startDeadline(timeoutMs, signal);
  try {
    return await run({ ...tools, signal: deadline.signal }, config, deadline.signal);
  } catch (error) {
    const isPassing = error instanceof AppError && error.code === "network";
    if (isPassing || error instanceof LockedError || deadline.signal.aborted) return {};
    throw error;
  } finally {
    deadline.end();
  }
}

function isOnThisMachine({ endpoint = "" }: SettingsConfig): boolean {
  return isFolderEndpoint(endpoint) || isLoopbackUrl(endpoint);
}

async function run(
  tools: SettingsTools,
  config: SettingsConfig,
  signal: AbortSignal,
): Promise<AutomaticNews> {
  const context = await openConfigured(tools, config);
  const plan = (): ReturnType<typeof prepare> =>
    prepare(context, "automatic", { isForced: false, signal });
  // Whatever would have to be asked has stopped it before.
  const review = (): Promise<boolean> => Promise.resolve(true);
  const outcome = await runOperation(context, { kind: "automatic" }, plan, { review, signal });
  const isRisky = outcome.executed?.published !== undefined && context.createMode() === "degraded";
  return tell(outcome, isRisky);
}

function tell({ kind, seen, stop, executed }: Outcome, isRisky: boolean): AutomaticNews {
  if (stop) {
    const text = `Settings: ${printable(stop.message)} ${stop.hint}`;
    return { footer: describeForFooter(seen.plan), notice: { text, level: "warning" } };
  }
  const skipped = executed?.applied.skipped.length ?? 0;
  if (kind !== "done" || !executed) return { footer: describeForFooter(seen.plan) };
  const taken = [...executed.applied.written, ...executed.applied.deleted];
  const parts = [
    ...(taken.length > 0
      ? [`${listNames(taken)} came from your other machines; /reload takes them in.`]
      : []),
    ...(skipped > 0 ? [`${skipped} could not be taken: see /pisync status.`] : []),
    ...(isRisky ? [degradedNote] : []),
  ];
  if (parts.length === 0) return {};
  const level = skipped > 0 || isRisky ? "warning" : "info";
  return { notice: { text: `Settings: ${parts.join(" ")}`, level } };
}

const namesMax = 3;

function listNames(paths: readonly string[]): string {
  const names = paths.slice(0, namesMax).map(printable).join(", ");
  return paths.length > namesMax ? `${names} and ${paths.length - namesMax} more` : names;
}
