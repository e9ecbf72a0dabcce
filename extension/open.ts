import { join, resolve } from "node:path";

import { loadConfig, requireTarget } from "../lib/config/load.ts";
import type { LoadedConfig } from "../lib/config/load.ts";
import { AppError } from "../lib/errors.ts";
import { holdEngine } from "../lib/live/engine.ts";
import type { EngineHolder } from "../lib/live/engine.ts";
import { LiveSync } from "../lib/live/live-sync.ts";
import { openMarks } from "../lib/live/marks.ts";
import { fileSource, spoolSource } from "../lib/live/source.ts";
import type { LiveSource } from "../lib/live/source.ts";
import { startState } from "../lib/live/state.ts";
import type { Gate, LiveState } from "../lib/live/state.ts";
import { isLoopbackUrl, resolveBaseUrl } from "../lib/opensync/base-url.ts";
import { backgroundClock } from "../lib/platform/clock.ts";
import type { Clock } from "../lib/platform/clock.ts";
import { openLog } from "../lib/platform/log.ts";
import { resolvePaths } from "../lib/platform/paths.ts";
import type { Env, Paths } from "../lib/platform/paths.ts";
import { describeError } from "./commands/tell-error.ts";
import { footerText, statusKey } from "./footer.ts";
import type { HostedSession } from "./host.ts";
import { createNotices } from "./notices.ts";
import { isOffline } from "../lib/pi/offline.ts";
import { choosePrivacy, readPrivacy } from "./privacy.ts";
import { processMemory } from "./process-memory.ts";

/** A session of pi as it is seen to. */
export interface OpenedSession {
  hosted: HostedSession;
  env: Env;
  paths: Paths;
  clock: Clock;
  /** The configuration; absent where it can't be used. */
  loaded?: LoadedConfig;
  /** Why nothing can be sent: there is no server yet, or the configuration can't be used. */
  obstacle?: AppError;
  /** Where sessions go; absent with an obstacle, as are the next two. */
  baseUrl?: string;
  engine?: EngineHolder;
  live?: LiveSync;
  /** Why the session is not sent as it goes on, where its gate is `off`. */
  whyOff?: string;
  start(): void;
  close(): Promise<void>;
}

/** Gets a session ready to be sent. Nothing is done before its `start`, and nothing is thrown. */
export async function openSession(hosted: HostedSession): Promise<OpenedSession> {
  const { env } = process;
  const base = { hosted, env, paths: resolvePaths(env), clock: backgroundClock };
  try {
    return await openLive(base);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      ...base,
      obstacle: error,
      start: () => showObstacle(hosted, error),
      close: () => Promise.resolve(),
    };
  }
}

type Base = Pick<OpenedSession, "hosted" | "env" | "paths" | "clock">;

async function openLive(base: Base): Promise<OpenedSession> {
  const { hosted, env, paths, clock } = base;
  const loaded = await loadConfig(env, paths);
  const { config } = loaded;
  if (config.url === undefined || config.apiKey === undefined) throw notSetUp();
  const baseUrl = resolveBaseUrl(config.url);
  const log = config.debug
    ? openLog(join(paths.stateDir, "debug.log"), () => clock.now())
    : undefined;
  const engine = holdEngine(async (signal) => ({
    env,
    paths,
    config,
    target: await requireTarget(config, env, signal),
    fetch: globalThis.fetch,
    clock,
    log,
  }));
  const privacy = await readPrivacy(hosted);
  const whyOff = findWhyOff(hosted, config.autoSync, privacy);
  const onChange = show(hosted, log);
  const live = new LiveSync({
    engine,
    source: sourceOf(hosted, base),
    marks: openMarks(join(paths.stateDir, "live"), () => clock.now()),
    where: { env, cwd: hosted.cwd },
    gate: whyOff === undefined ? openGate(env, baseUrl) : "off",
    clock,
    onChange,
  });
  const session: OpenedSession = {
    ...base,
    loaded,
    baseUrl,
    engine,
    live,
    ...(whyOff !== undefined && { whyOff }),
    start() {
      onChange(live.state);
      live.start();
      if (privacy === "ask") void askAboutFork(session, () => live.setGate(openGate(env, baseUrl)));
    },
    close: () => live.close(),
  };
  return session;
}

/** Why the session is not sent as it goes on, if so. */
function findWhyOff(
  hosted: HostedSession,
  autoSync: boolean,
  privacy: "public" | "private" | "ask",
): string | undefined {
  if (hosted.isSwitchedOff) return "pi was started with --no-opensync";
  if (!autoSync) return "automatic sync is switched off in the configuration";
  if (privacy === "private") return "you keep this session private";
  return privacy === "ask" ? "it was forked from a session that you keep private" : undefined;
}

/** The gate of a session that nothing speaks against. */
export function openGate(env: Env, baseUrl: string): Gate {
  if (processMemory().isPaused) return "paused";
  return isOffline(env) && !isLoopbackUrl(baseUrl) ? "offline" : "open";
}

function sourceOf(hosted: HostedSession, { env, paths }: Base): LiveSource {
  const { sessionManager, cwd } = hosted;
  const path = sessionManager.getSessionFile();
  // pi can have a relative path, and the next start be in another folder.
  if (path !== undefined) return fileSource(resolve(path), { env, cwd });
  return spoolSource(join(paths.stateDir, "spool"), {
    id: () => sessionManager.getSessionId(),
    header: () => sessionManager.getHeader(),
    entries: () => sessionManager.getEntries(),
  });
}

/** Shows how it stands: in the footer, in notices, and in the log. */
function show(
  hosted: HostedSession,
  log: ((line: string) => void) | undefined,
): (state: LiveState) => void {
  const notice = createNotices(hosted);
  let shown: string | undefined;
  return (state) => {
    if (hosted.signal.aborted) return;
    const text = footerText(state);
    if (text !== shown && hosted.hasUI) hosted.ui.setStatus(statusKey, text);
    if (text !== shown) log?.(`footer: ${text ?? "(nothing)"}`);
    shown = text;
    notice(state);
  };
}

async function askAboutFork(session: OpenedSession, send: () => void): Promise<void> {
  const { hosted } = session;
  if (!hosted.hasUI) return;
  const { signal } = hosted;
  const text = "It was forked from a session that you keep private, and holds some of it.";
  try {
    const isWanted = await hosted.ui.confirm("Send this fork to OpenSync?", text, { signal });
    if (signal.aborted) return;
    choosePrivacy(hosted, isWanted ? "on" : "off");
    if (!isWanted) return;
    delete session.whyOff;
    send();
  } catch {
    // An answer that is not to be had, or can't be stored, leaves it private.
  }
}

function notSetUp(): AppError {
  return new AppError("not-configured", "OpenSync is not set up yet.", {
    hint: "Run /opensync-config, or set PI_OPENSYNC_CONVEX_URL and PI_OPENSYNC_API_KEY.",
  });
}

/** Says once per start of pi what stands in the way, and shows all the time that something is wrong. */
function showObstacle({ hasUI, ui, reason }: HostedSession, error: AppError): void {
  if (!hasUI) return;
  const isWrong = error.code !== "not-configured";
  if (isWrong) ui.setStatus(statusKey, footerText({ ...startState("open"), phase: "failed" }));
  if (reason === "startup") ui.notify(describeError(error), isWrong ? "warning" : "info");
}
