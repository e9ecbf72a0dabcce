import type { HostedSession } from "../host.ts";

/** What a person is told. */
export interface SettingsNotice {
  text: string;
  level: "info" | "warning" | "error";
}

/**
 * What settings sync shows in one run of pi, whatever sessions come and go. pi may load our modules
 * anew for each of them, so it hangs on the global object.
 */
interface SettingsMemory {
  /** The sync of this start of pi has begun. */
  hasStarted: boolean;
  /** The session that shows it. */
  shownIn: HostedSession | undefined;
  footer: string | undefined;
  /** What the footer says: a session may have ended before it could say something newer. */
  shown: string | undefined;
  /** What nobody was there to be told. */
  untold: SettingsNotice | undefined;
  /** What goes on in the background. */
  work: { end: AbortController; done: Promise<void> } | undefined;
}

/** The key of our text in pi's footer; pi sorts by it. */
const statusKey = "opensync-settings";

const key = Symbol.for("pi-opensync.settings");

/** Shows how it stands in a session, from now on. */
export function showIn(hosted: HostedSession): void {
  const memory = settingsMemory();
  memory.shownIn = hosted;
  if (memory.footer !== undefined || memory.shown !== undefined) setStatus(memory, hosted);
  const { untold } = memory;
  memory.untold = undefined;
  if (untold) tell(untold);
}

/** Whether this is the first to ask so in this run of pi. */
export function claimStart(): boolean {
  const memory = settingsMemory();
  const isFirst = !memory.hasStarted;
  memory.hasStarted = true;
  return isFirst;
}

/** Shows a text in the footer; nothing where it is undefined. */
export function showFooter(text: string | undefined): void {
  const memory = settingsMemory();
  if (memory.footer === text) return;
  memory.footer = text;
  const { shownIn } = memory;
  if (shownIn && !shownIn.signal.aborted) setStatus(memory, shownIn);
}

function setStatus(memory: SettingsMemory, { ui }: HostedSession): void {
  ui.setStatus(statusKey, memory.footer);
  memory.shown = memory.footer;
}

/** Tells the person now, or when the next session is there. */
export function tell(notice: SettingsNotice): void {
  const memory = settingsMemory();
  const { shownIn } = memory;
  if (shownIn && !shownIn.signal.aborted) shownIn.ui.notify(notice.text, notice.level);
  else memory.untold = notice;
}

/** Works in the background, in the place of what works there already. `work` must not reject. */
export async function startWork(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const memory = settingsMemory();
  const before = memory.work;
  const end = new AbortController();
  const goOn = async (): Promise<void> => {
    before?.end.abort();
    await before?.done;
    await work(end.signal);
  };
  memory.work = { end, done: goOn() };
  await memory.work.done;
}

/** Ends what works in the background. What it has begun to write here is finished. */
export async function stopWork(): Promise<void> {
  const { work } = settingsMemory();
  work?.end.abort();
  await work?.done;
}

function settingsMemory(): SettingsMemory {
  const holder = globalThis as { [key]?: SettingsMemory };
  holder[key] ??= {
    hasStarted: false,
    shownIn: undefined,
    footer: undefined,
    shown: undefined,
    untold: undefined,
    work: undefined,
  };
  return holder[key];
}
