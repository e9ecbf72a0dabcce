import type { BackfillPlan } from "../../lib/sync/backfill-plan.ts";
import type { SyncEvent } from "../../lib/sync/event.ts";
import { formatCount, formatSpan, plural } from "./format.ts";

/** Shows how a run goes on. */
export interface ProgressView {
  /** The run knows what it has to do. */
  begin(plan: BackfillPlan): void;
  show(event: SyncEvent): void;
  /** Takes the view off the screen. */
  end(): void;
}

/** A bar on a terminal, a line now and then elsewhere, nothing when it is to be quiet. */
export function createProgress(stream: NodeJS.WriteStream, quiet: boolean): ProgressView {
  if (quiet) return { begin: () => {}, show: () => {}, end: () => {} };
  const canWriteOver = stream.isTTY && process.env["TERM"] !== "dumb";
  return canWriteOver ? createBar(stream) : createLines(stream);
}

const frameMs = 100;
const barCells = 20;
const lineEveryMs = 5000;

/**
 * One line that is written over. clack's progress bar does not serve: it takes the keyboard and
 * ends the process at the first Ctrl-C, which here lets the request in flight finish.
 */
function createBar(stream: NodeJS.WriteStream): ProgressView {
  const state = createState();
  let printedAt = 0;
  const print = (): void => {
    printedAt = Date.now();
    const width = stream.columns || 80;
    const bar = width >= 60 ? `${drawBar(shareOf(state))} ` : "";
    const text = describe(state);
    stream.write(`\r\u001b[2K${(bar + text).slice(0, width - 1)}`);
  };
  return {
    begin: (plan) => start(state, plan),
    show(event) {
      advance(state, event);
      if (state.sessions > 0 && Date.now() - printedAt >= frameMs) print();
    },
    end() {
      if (printedAt > 0) stream.write("\r\u001b[2K");
    },
  };
}

function drawBar(share: number): string {
  const filled = Math.round(Math.min(1, share) * barCells);
  return "█".repeat(filled) + "░".repeat(barCells - filled);
}

function createLines(stream: NodeJS.WriteStream): ProgressView {
  const state = createState();
  let printedAt = state.startedAt;
  return {
    begin: (plan) => start(state, plan),
    show(event) {
      advance(state, event);
      if (Date.now() - printedAt < lineEveryMs) return;
      printedAt = Date.now();
      stream.write(`${describe(state)}\n`);
    },
    end: () => {},
  };
}

interface State {
  startedAt: number;
  sessions: number;
  sessionsDone: number;
  messages: number;
  bytesAll: number;
  bytes: number;
  /** Bytes done of the sessions that are under way, by path. */
  underway: Map<string, number>;
}

function createState(): State {
  const counts = { sessions: 0, sessionsDone: 0, messages: 0, bytesAll: 0, bytes: 0 };
  return { startedAt: Date.now(), ...counts, underway: new Map() };
}

function start(state: State, { waiting }: BackfillPlan): void {
  state.sessions = waiting.length;
  state.bytesAll = waiting.reduce((sum, { size }) => sum + size, 0);
}

function advance(state: State, event: SyncEvent): void {
  if (event.type === "message") {
    state.messages += 1;
  } else if (event.type === "progress" || event.type === "session-done") {
    state.bytes += Math.max(0, event.bytes - (state.underway.get(event.path) ?? 0));
    state.underway.set(event.path, event.bytes);
    if (event.type !== "session-done") return;
    state.sessionsDone += 1;
    state.underway.delete(event.path);
  }
}

function shareOf({ bytes, bytesAll }: State): number {
  return bytesAll > 0 ? bytes / bytesAll : 1;
}

function describe(state: State): string {
  const seconds = (Date.now() - state.startedAt) / 1000;
  const share = shareOf(state);
  const left =
    share > 0.01 && seconds > 2 ? `, ${formatSpan((seconds * (1 - share)) / share)} left` : "";
  const rate = seconds > 0 ? Math.round(state.messages / seconds) : 0;
  return (
    `${formatCount(state.sessionsDone)} of ${plural(state.sessions, "session")}, ` +
    `${plural(state.messages, "message")}, ${formatCount(rate)}/s${left}`
  );
}
