import { appendFileSync, readdirSync, realpathSync, renameSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import { defaultConfig } from "../../../lib/config/schema.ts";
import type { Config } from "../../../lib/config/schema.ts";
import { holdEngine } from "../../../lib/live/engine.ts";
import type { EngineHolder } from "../../../lib/live/engine.ts";
import { LiveSync } from "../../../lib/live/live-sync.ts";
import { openMarks } from "../../../lib/live/marks.ts";
import type { Marks } from "../../../lib/live/marks.ts";
import { fileSource } from "../../../lib/live/source.ts";
import type { LiveSource } from "../../../lib/live/source.ts";
import type { Gate, LiveState } from "../../../lib/live/state.ts";
import { isUnchanged, openJournal } from "../../../lib/sync/journal.ts";
import { cursorsDir } from "../../../lib/sync/target.ts";
import { faultyProxy } from "../../support/faulty-proxy.ts";
import type { Fault } from "../../support/faulty-proxy.ts";
import { manualClock } from "../../support/manual-clock.ts";
import type { ManualClock } from "../../support/manual-clock.ts";
import { said, testServer } from "../../support/server.ts";
import type { TestServer } from "../../support/server.ts";
import type { SessionBuilder } from "../../support/session.ts";
import { tempDir } from "../../support/temp.ts";

/** A request that was sent. */
export interface Call {
  kind: "session" | "message" | "rename";
  body: Record<string, unknown>;
}

/** How a session is opened. */
export interface OpenOptions {
  gate: Gate;
  config: Partial<Config>;
  /** Gives the key, each time the engine is opened. */
  key: () => Promise<string>;
  isBusy: boolean;
}

/** A session as pi has it open. */
export interface Opened {
  live: LiveSync;
  engine: EngineHolder;
  /** All states that were told. */
  states: LiveState[];
  /** Ends it as `kill -9` does: nothing of it goes on. */
  kill: () => void;
}

/** A home folder with sessions, an OpenSync server, and a proxy before it. */
export interface LiveBench extends AsyncDisposable {
  dir: string;
  clock: ManualClock;
  opensync: TestServer;
  marks: Marks;
  /** What was sent, in order. */
  calls: Call[];
  /** How long each request is under way before the proxy sees it, in the machine's milliseconds. */
  delayMs: number;
  /** What goes wrong with each request from now on. */
  fail(fault: Fault | (() => Fault | undefined) | undefined): void;
  /** Where a session's file stands. */
  pathOf(session: SessionBuilder): string;
  /** Appends to the session's file what is new of it, as pi does. */
  write(session: SessionBuilder): Promise<void>;
  /** Marks a session as a process does that is killed then. */
  leaveBehind(session: SessionBuilder): Promise<void>;
  /** Opens a session; `start` it. */
  open(source: SessionBuilder | LiveSource, options?: Partial<OpenOptions>): Opened;
  /** The same, started. */
  start(source: SessionBuilder | LiveSource, options?: Partial<OpenOptions>): Opened;
  /** What the server has of a session, at a glance. */
  read(session: SessionBuilder): Promise<string[]>;
  /** Waits until the server has all of the sessions' messages, each once. */
  delivered(...sessions: SessionBuilder[]): Promise<void>;
  /** Waits until nothing is left to do of the sessions that were written: tokens and cost are told, too. */
  settled(): Promise<void>;
  /** Waits until nothing is left to do of sessions but the one that was opened last. */
  caughtUp(): Promise<void>;
  /** Waits for the end of something that needs time to pass. */
  over<T>(work: Promise<T>): Promise<T>;
  /** The files that say what is left to do. */
  markFiles(): string[];
}

/** Sets all of it up. */
export async function liveBench(): Promise<LiveBench> {
  const stack = new AsyncDisposableStack();
  const dir = realpathSync(stack.use(await tempDir()).path);
  const opensync = stack.use(await testServer());
  let choose: () => Fault | undefined = () => undefined;
  const proxy = stack.use(await faultyProxy(opensync.server.url, () => choose()));
  const clock = manualClock();
  const marksDir = join(dir, "state", "live");
  const marks = openMarks(marksDir, () => clock.now());
  const calls: Call[] = [];
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    note(calls, url, init);
    if (bench.delayMs > 0) await Bun.sleep(bench.delayMs);
    return fetch(url, init);
  };
  let openedLast: string | undefined;
  const written = new Map<SessionBuilder, number>();
  const where = { env: { HOME: dir }, cwd: dir };
  const target = { baseUrl: proxy.url, apiKey: opensync.server.apiKey, metadataOnly: false };
  const journal = openJournal(cursorsDir(join(dir, "state"), target), clock);

  const pathOf = ({ header }: SessionBuilder): string =>
    join(dir, ".pi/agent/sessions/--engine--", `2026-03-01T10-00-00-000Z_${header.id}.jsonl`);

  const over = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const end = work.finally(() => (isOver = true));
    end.catch(() => {});
    await clock.until(() => isOver);
    return end;
  };

  const read = async (session: SessionBuilder): Promise<string[]> => {
    const id = `pi:${session.header.id}`;
    return said((await opensync.read([id])).get(id)?.messages ?? []);
  };

  const open = (
    source: SessionBuilder | LiveSource,
    { gate = "open", config = {}, key, isBusy = false }: Partial<OpenOptions> = {},
  ): Opened => {
    const life = { isKilled: false };
    const engine = holdEngine(async () => ({
      ...where,
      paths: { configFile: "", stateDir: join(dir, "state"), dataDir: "" },
      config: { ...defaultConfig(), ...config },
      target: { baseUrl: proxy.url, apiKey: (await key?.()) ?? opensync.server.apiKey },
      fetch: (url, init) => whileAlive(life, () => send(url, init)),
      clock: mortalClock(life, clock),
    }));
    const states: LiveState[] = [];
    const opened = "path" in source ? source : fileSource(pathOf(source), where);
    openedLast = opened.path;
    const live = new LiveSync({
      engine,
      source: opened,
      marks,
      where,
      gate,
      clock: mortalClock(life, clock),
      onChange: (state) => states.push(state),
    });
    if (isBusy) live.setBusy(true);
    stack.defer(async () => {
      if (!life.isKilled) await over(live.close(0));
      engine.close();
    });
    return { live, engine, states, kill: () => (life.isKilled = true) };
  };

  const bench: LiveBench = {
    dir,
    clock,
    opensync,
    marks,
    calls,
    delayMs: 0,
    fail: (fault) => void (choose = typeof fault === "function" ? fault : () => fault),
    pathOf,
    async write(session) {
      const path = pathOf(session);
      await mkdir(dirname(path), { recursive: true });
      const lines = session.toJsonl().split("\n").slice(0, -1);
      const added = lines.slice(written.get(session) ?? 0);
      appendFileSync(path, added.map((line) => `${line}\n`).join(""));
      written.set(session, lines.length);
    },
    async leaveBehind(session) {
      const known = new Set(bench.markFiles());
      await marks.claim({ path: pathOf(session), isSpooled: false });
      for (const name of bench.markFiles().filter((mark) => !known.has(mark))) {
        renameSync(join(marksDir, name), join(marksDir, name.replace(/\d+$/, noProcess)));
      }
    },
    open,
    start(source, options) {
      const opened = open(source, options);
      opened.live.start();
      return opened;
    },
    read,
    async delivered(...sessions) {
      for (const session of sessions) {
        const expected = toldOf(session);
        await clock.until(async () => (await read(session)).length >= expected.length);
        if (JSON.stringify(await read(session)) !== JSON.stringify(expected)) {
          throw new Error(`The server has ${JSON.stringify(await read(session))}`);
        }
      }
    },
    settled: () =>
      clock.until(() => {
        journal.refresh();
        return [...written.keys()].every((session) => {
          const path = pathOf(session);
          const { size, mtimeMs } = statSync(path);
          const record = journal.get(path);
          return record !== undefined && isUnchanged(record, size, mtimeMs);
        });
      }),
    caughtUp: () =>
      clock.until(async () => (await marks.listLeft()).every(({ path }) => path === openedLast)),
    over,
    markFiles: () => {
      try {
        return readdirSync(marksDir);
      } catch {
        return [];
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
  return bench;
}

/** A number that no process has. */
const noProcess = "999999999";

/** What the server is to have of a session of prompts and answers. */
export function toldOf(session: SessionBuilder): string[] {
  return session.entries.flatMap(({ type, message }) => {
    if (type !== "message") return [];
    const { role, content } = message as { role: string; content: { text?: string }[] };
    return [`${role}: ${content[0]?.text ?? ""}`];
  });
}

const kinds: Readonly<Record<string, Call["kind"]>> = {
  "/sync/session": "session",
  "/sync/message": "message",
  "/sync/batch": "rename",
};

function note(calls: Call[], url: string, { body }: RequestInit): void {
  const kind = kinds[new URL(url).pathname];
  if (kind && typeof body === "string")
    calls.push({ kind, body: JSON.parse(body) as Call["body"] });
}

interface Life {
  isKilled: boolean;
}

/** Never ends any more after the kill. */
async function whileAlive<T>(life: Life, work: () => Promise<T>): Promise<T> {
  const never = new Promise<never>(() => {});
  if (life.isKilled) return never;
  const settle = (): void => {};
  const result = work();
  await result.then(settle, settle);
  return life.isKilled ? never : result;
}

function mortalClock(life: Life, clock: ManualClock): ManualClock {
  return { ...clock, sleep: (ms, signal) => whileAlive(life, () => clock.sleep(ms, signal)) };
}
