import type {
  ExtensionAPI,
  ExtensionContext,
  SessionShutdownEvent,
  SessionStartEvent,
} from "@mariozechner/pi-coding-agent";

import { backgroundClock, systemClock } from "../lib/platform/clock.ts";
import { statusKey } from "./footer.ts";
import type { OpenedSession } from "./open.ts";

/** So long a person waits at most for the last messages when pi ends. */
const flushMs = 2000;

/** What of a session outlasts the `ctx` that it came with, which throws once it is replaced. */
export interface HostedSession {
  sessionManager: ExtensionContext["sessionManager"];
  ui: ExtensionContext["ui"];
  /** Whether there is a person to show something to: not in print and JSON mode. */
  hasUI: boolean;
  cwd: string;
  reason: SessionStartEvent["reason"];
  previousSessionFile: string | undefined;
  /** `--no-opensync` was given. */
  isSwitchedOff: boolean;
  /** Adds an entry to the session. */
  appendEntry: (customType: string, data: unknown) => void;
  /** Aborted when the session ends. */
  signal: AbortSignal;
}

/** Between pi's events and the sync of the session that they are about. */
export interface Host {
  start(event: SessionStartEvent, ctx: ExtensionContext): void;
  /** Resolves when pi may go on: at once, but for the end of pi itself. */
  stop(reason: SessionShutdownEvent["reason"] | undefined): Promise<void>;
  nudge(): void;
  setBusy(isBusy: boolean): void;
  /** The session that pi is in; undefined before any has started. */
  hosted(): HostedSession | undefined;
  /** The same as it is synced. */
  session(): Promise<OpenedSession> | undefined;
  /** Opens the session anew, after the configuration has changed. */
  reopen(): Promise<void>;
}

/** One session, from its start to its end. */
interface Run {
  hosted: HostedSession;
  end: AbortController;
  opening: Promise<OpenedSession>;
  /** The same, once it is there. */
  opened?: OpenedSession;
  isBusy: boolean;
}

/**
 * Makes the host of one instance of the extension. What it does for events returns at once and never
 * throws: the work happens in the background, and what goes wrong there is shown.
 */
export function createHost(pi: ExtensionAPI): Host {
  let run: Run | undefined;

  return {
    start(event, ctx) {
      const id = ctx.sessionManager.getSessionId();
      // In RPC mode the same start is told twice.
      if (run && !run.end.signal.aborted && run.hosted.sessionManager.getSessionId() === id) return;
      const end = new AbortController();
      run = begin(describeSession(pi, event, ctx, end.signal), end, false);
      if (ctx.hasUI) void showSettings(run.hosted);
    },
    async stop(reason) {
      const ending = run;
      if (!ending || ending.end.signal.aborted) return;
      ending.end.abort();
      if (ending.hosted.hasUI) ending.hosted.ui.setStatus(statusKey, undefined);
      if (reason === undefined || reason === "quit") await finish(ending);
      // What is left of it is found by the session that comes.
      else void closeLater(ending);
    },
    // Also after the end: in print mode, pi 0.73 can tell of the last answer then.
    nudge: () => run?.opened?.live?.nudge(),
    setBusy(isBusy) {
      if (!run) return;
      run.isBusy = isBusy;
      run.opened?.live?.setBusy(isBusy);
    },
    hosted: () => run?.hosted,
    session: () => run?.opening,
    async reopen() {
      if (!run) return;
      const { hosted, end, opening, isBusy } = run;
      await opening.then((opened) => opened.close());
      if (end.signal.aborted) return;
      // What the session shows from now on is shown anew.
      if (hosted.hasUI) hosted.ui.setStatus(statusKey, undefined);
      run = begin({ ...hosted, reason: "reload" }, end, isBusy);
      await run.opening;
    },
  };
}

function describeSession(
  pi: ExtensionAPI,
  event: SessionStartEvent,
  ctx: ExtensionContext,
  signal: AbortSignal,
): HostedSession {
  return {
    sessionManager: ctx.sessionManager,
    ui: ctx.ui,
    hasUI: ctx.hasUI,
    cwd: ctx.cwd,
    reason: event.reason,
    previousSessionFile: event.previousSessionFile,
    isSwitchedOff: pi.getFlag("no-opensync") === true,
    appendEntry: (customType, data) => pi.appendEntry(customType, data),
    signal,
  };
}

function begin(hosted: HostedSession, end: AbortController, isBusy: boolean): Run {
  const run: Run = { hosted, end, opening: openLater(hosted), isBusy };
  void startWhenOpened(run);
  return run;
}

async function startWhenOpened(run: Run): Promise<void> {
  const { hosted, end, opening } = run;
  try {
    run.opened = await opening;
    run.opened.live?.setBusy(run.isBusy);
    if (!end.signal.aborted) run.opened.start();
  } catch (error) {
    if (end.signal.aborted || !hosted.hasUI) return;
    hosted.ui.notify(`OpenSync could not start: ${String(error)}`, "error");
  }
}

/** Syncs pi's settings when pi starts, and shows in every session what came of it. */
async function showSettings(hosted: HostedSession): Promise<void> {
  try {
    await backgroundClock.sleep(0);
    await (await import("./settings/start.ts")).startSettings(hosted);
  } catch (error) {
    if (hosted.signal.aborted) return;
    hosted.ui.notify(`Settings sync could not start: ${String(error)}`, "error");
  }
}

/** Loading takes its time where pi has to compile our sources first, so pi's own start goes before. */
async function openLater(hosted: HostedSession): Promise<OpenedSession> {
  await backgroundClock.sleep(0);
  const { openSession } = await import("./open.ts");
  return openSession(hosted);
}

/** Sends the last messages, and ends a sync of settings, for as long as a person waits. */
async function finish({ hosted, opening }: Run): Promise<void> {
  const startedAt = systemClock.now();
  const isOver = new AbortController();
  const flush = async (): Promise<void> => {
    const opened = await opening;
    await opened.live?.flush(flushMs - (systemClock.now() - startedAt));
  };
  const stopSettings = async (): Promise<void> => {
    if (hosted.hasUI) await (await import("./settings/memory.ts")).stopWork();
  };
  const work = Promise.allSettled([flush(), stopSettings()]);
  // This sleep keeps the process alive, which could otherwise end in the middle.
  await Promise.race([work, systemClock.sleep(flushMs, isOver.signal)]).catch(() => {});
  isOver.abort();
}

async function closeLater({ opening }: Run): Promise<void> {
  await opening.then(
    (opened) => opened.close(),
    () => {},
  );
}
