import type { Config } from "../config/schema.ts";
import { messageOf } from "../errors.ts";
import { createOpenSyncClient } from "../opensync/client.ts";
import type { Fetch } from "../opensync/request.ts";
import type { MessagePut } from "../opensync/wire.ts";
import type { Clock } from "../platform/clock.ts";
import type { Env, Paths } from "../platform/paths.ts";
import { loadRedactor, passAll } from "../redact/load-redactor.ts";
import type { SessionFile } from "../session/discover.ts";
import { cursorState } from "../sync/cursor.ts";
import { nowhere, toSink } from "../sync/delivery.ts";
import type { Sink } from "../sync/delivery.ts";
import type { SyncEvent } from "../sync/event.ts";
import { openJournal } from "../sync/journal.ts";
import type { Journal } from "../sync/journal.ts";
import { createProjectFilter } from "../sync/project-filter.ts";
import { reconcile } from "../sync/reconcile.ts";
import type { ReconcileOptions } from "../sync/reconcile.ts";
import { cursorsDir } from "../sync/target.ts";

/** What an engine is made of. */
export interface EngineOptions {
  env: Env;
  paths: Paths;
  config: Config;
  /** The server, with the key itself. */
  target: { baseUrl: string; apiKey: string };
  fetch: Fetch;
  clock: Clock;
  /** Takes in what happens, without text of messages. */
  log?: ((line: string) => void) | undefined;
}

/** How one session is to be sent. */
export interface SendOptions {
  /** As for `reconcile`. */
  totals: "now" | "later";
  /** Ends the run after the request in flight. */
  stop: AbortSignal;
  /** Ends the request in flight, too. */
  cut: AbortSignal;
}

/** How far a session got, over all the processes that sent of it. */
export interface Progress {
  messages: number;
  /** Messages that the server refused for good, and why the last one was. */
  refused?: { count: number; reason: string };
}

/** The engine of backfill, for sessions as they go on: same cursors, same payloads. */
export interface Engine {
  /** Sends what the server does not have of a session. */
  send(file: SessionFile, options: SendOptions): AsyncGenerator<SyncEvent, void>;
  /** How many messages `send` would send. */
  count(file: SessionFile): Promise<number>;
  /** What was or would be sent of a session since its last prompt, without secrets. */
  preview(file: SessionFile): Promise<MessagePut[]>;
  /** What the server has of a session; undefined where nothing was sent yet. */
  progress(path: string): Progress | undefined;
  /** Makes the cursors small again, where that is worth it. */
  tidy(): void;
  close(): void;
}

/** A session waits for the next round rather than for one request. */
const timeoutMs = 10_000;
const retryLimits = { triesMax: 2, totalMsMax: 5_000 };

/** An engine that is opened when it is needed: first, where that failed, and after it was closed. */
export interface EngineHolder {
  get(): Promise<Engine>;
  /** Ends what opening waits for: a command that the key comes from. */
  cancel(): void;
  close(): void;
}

/** Holds an engine. `open` may have to run a command for the key, so it is not called without need. */
export function holdEngine(open: (signal: AbortSignal) => Promise<EngineOptions>): EngineHolder {
  const cancelled = new AbortController();
  let engine: Promise<Engine> | undefined;
  const openNow = async (): Promise<Engine> => {
    try {
      return await openEngine(await open(cancelled.signal));
    } catch (error) {
      engine = undefined;
      throw error;
    }
  };
  return {
    get: () => (engine ??= openNow()),
    cancel: () => cancelled.abort(),
    close: () => {
      engine?.then(
        (opened) => opened.close(),
        () => {},
      );
      engine = undefined;
    },
  };
}

/** Opens the cursors of a server, and all that sending to it takes. */
async function openEngine(options: EngineOptions): Promise<Engine> {
  const { env, paths, config, target, clock, log } = options;
  const { metadataOnly, syncToolCalls: toolCalls, syncThinking: thinking } = config;
  const client = createOpenSyncClient({
    ...options,
    ...target,
    timeoutMs,
    retryLimits,
    onRetry: ({ error, delayMs }) => log?.(`${error.message} Again in ${Math.round(delayMs)} ms.`),
  });
  const redactor = config.redact ? await loadRedactor(env, paths.stateDir, target.apiKey) : passAll;
  const journal = openJournal(cursorsDir(paths.stateDir, { ...target, metadataOnly }), clock);
  const never = new AbortController().signal;

  const run = (
    file: SessionFile,
    sink: Sink,
    more: Partial<ReconcileOptions>,
  ): AsyncGenerator<SyncEvent, void> =>
    reconcile(file, {
      journal,
      sink,
      redactor,
      transcript: { toolCalls, thinking },
      metadataOnly,
      totals: "now",
      force: false,
      // A project may opt out at any time.
      leaveOut: createProjectFilter({ env, exclude: config.exclude, only: [] }),
      signal: never,
      ...more,
    });

  return {
    async *send(file, { totals, stop, cut }) {
      journal.refresh();
      for await (const event of run(file, toSink(client, cut), { totals, signal: stop })) {
        log?.(describeEvent(event));
        yield event;
      }
    },
    count: (file) => countMessages((sink, more) => run(file, sink, more), journal),
    preview: (file) => readLastTurn((sink, more) => run(file, sink, more)),
    progress(path) {
      const state = cursorState(journal.get(path));
      if (state === undefined) return undefined;
      const { messages, refused } = state;
      return { messages, ...(refused && { refused }) };
    },
    tidy: () => journal.compact(),
    close: () => journal.close(),
  };
}

/** Reconciles one session with a sink. */
type Run = (sink: Sink, more: Partial<ReconcileOptions>) => AsyncGenerator<SyncEvent, void>;

async function countMessages(run: Run, journal: Journal): Promise<number> {
  let count = 0;
  journal.refresh();
  const lookOnly = { journal: { ...journal, put: () => {} }, redactor: passAll };
  for await (const event of run(nowhere, lookOnly)) {
    if (event.type === "message") count += 1;
  }
  return count;
}

async function readLastTurn(run: Run): Promise<MessagePut[]> {
  let turn: MessagePut[] = [];
  const putMessage = (message: MessagePut): Promise<boolean> => {
    if (message.role === "user") turn = [];
    turn.push(message);
    return Promise.resolve(true);
  };
  const fromStart = { get: () => undefined, findBySession: () => [], put: () => {} };
  for await (const event of run({ ...nowhere, putMessage }, { journal: fromStart })) {
    if (event.type !== "session-done") continue;
    if (event.outcome.kind === "failed") throw event.outcome.error;
  }
  return turn;
}

/** An event for the log. Titles and what was redacted stay out of it. */
function describeEvent(event: SyncEvent): string {
  switch (event.type) {
    case "message":
      return `${event.id} ${event.refused === undefined ? "sent" : `refused: ${event.refused}`}`;
    case "session-done": {
      const { outcome, path } = event;
      const reason = "reason" in outcome ? outcome.reason : "";
      const error = "error" in outcome ? messageOf(outcome.error) : "";
      return [path, outcome.kind, reason, error].filter((word) => word !== "").join(" ");
    }
    case "problem":
      return `${event.path} ${event.reason}`;
    default:
      return event.type;
  }
}
