/**
 * Measures the extension in a stand-in for pi, under the runtime that runs it, against the server of
 * the environment: `live-child <task> <session file>`. Prints numbers as JSON.
 */

import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";
import type { ExtensionAPI } from "@mariozechner/pi-coding-agent";

import opensync from "../../extension/index.ts";

const tasks: Record<string, () => Promise<number[]>> = {
  handlers: timeHandlers,
  slices: timeSlices,
  answers: timeAnswers,
};

const [task = "", sessionFile = ""] = process.argv.slice(2);
const handlers = new Map<string, ((event: object, ctx: object) => unknown)[]>();
/** A turn of the event loop that takes no longer had nothing to do. */
const idleMsMax = 0.1;
/** All is sent when there was no request for so long. */
const quietMs = 1500;
let entries = 0;
let requests = 0;
let onAnswer: ((body: string) => void) | undefined;

// As pi does, it goes on although all that the extension waits for would let it end.
setInterval(() => {}, 1000);
watchFetch();
opensync(standIn());
const times = await tasks[task]?.();
// What is not sent yet is of no interest.
process.stdout.write(JSON.stringify(times ?? []), () => process.exit(0));

/** Microseconds in our handlers, for each event of a busy session. */
async function timeHandlers(): Promise<number[]> {
  addMessage();
  startSession();
  emit("agent_start");
  await setTimeout(500);
  const times: number[] = [];
  for (let turn = 0; turn < 400; turn++) {
    for (const event of ["message_end", "tool_execution_end", "message_end", "turn_end"]) {
      if (event === "message_end") addMessage();
      times.push(emit(event) * 1000);
      await setImmediate();
    }
    await setTimeout(5);
  }
  return times;
}

/**
 * Milliseconds of each turn of the event loop in which something happened, while all of a session is
 * sent: by the processor's time where that is less, since other programs have the machine at times.
 */
async function timeSlices(): Promise<number[]> {
  startSession();
  const times: number[] = [];
  let [before, seen, quietSince] = [performance.now(), 0, performance.now()];
  while (requests === 0 || before - quietSince < quietMs) {
    const { user, system } = process.cpuUsage();
    await setImmediate();
    const used = process.cpuUsage({ user, system });
    const now = performance.now();
    const ms = Math.min(now - before, (used.user + used.system) / 1000);
    if (ms > idleMsMax) times.push(ms);
    if (requests > seen) quietSince = now;
    [before, seen] = [now, requests];
  }
  return times;
}

/** Milliseconds from the end of a message until the server has answered for it. */
async function timeAnswers(): Promise<number[]> {
  const first = answerFor(addMessage());
  startSession();
  emit("agent_start");
  await first;
  const times: number[] = [];
  for (let count = 0; count < 20; count++) {
    await setTimeout(100 + count * 7);
    const answer = answerFor(addMessage());
    const startedAt = performance.now();
    emit("message_end");
    times.push((await answer) - startedAt);
  }
  return times;
}

/** What the extension sees of pi. */
function standIn(): ExtensionAPI {
  const api = {
    on(event: string, handler: (event: object, ctx: object) => unknown) {
      handlers.set(event, [...(handlers.get(event) ?? []), handler]);
    },
    registerFlag: () => {},
    registerCommand: () => {},
    getFlag: () => false,
  };
  return api as unknown as ExtensionAPI;
}

function startSession(): void {
  const id = "019a0000-0000-7000-8000-000000000000";
  const sessionManager = {
    getSessionId: () => id,
    getSessionFile: () => sessionFile,
    getHeader: () => ({ type: "session", version: 3, id, timestamp: "2026-01-01T00:00:00.000Z" }),
    getEntries: () => [],
  };
  const ui = { setStatus: () => {}, notify: () => {} };
  emit("session_start", { reason: "startup" }, { sessionManager, ui, hasUI: true, cwd: "/tmp" });
}

/** Gives the milliseconds that the handlers of an event took. None may have pi wait for it. */
function emit(event: string, fields: object = {}, ctx: object = {}): number {
  const list = handlers.get(event) ?? [];
  const startedAt = performance.now();
  const results = list.map((handler) => handler(fields, ctx));
  const ms = performance.now() - startedAt;
  if (list.length === 0 || results.some((result) => result !== undefined)) {
    throw new Error(`${event} has no handler, or one that pi waits for`);
  }
  return ms;
}

/** Adds a message to the session's file, as pi does, and gives its id. */
function addMessage(): string {
  const timestamp = new Date().toISOString();
  if (!existsSync(sessionFile)) {
    const id = "019a0000-0000-7000-8000-000000000000";
    const header = { type: "session", version: 3, id, timestamp, cwd: "/tmp" };
    writeFileSync(sessionFile, `${JSON.stringify(header)}\n`);
  }
  const id = describeEntry(++entries);
  const parentId = entries > 1 ? describeEntry(entries - 1) : null;
  const content = [{ type: "text", text: `Message ${entries}, with something to say.` }];
  const message = { role: "user", content, timestamp: Date.now() };
  appendFileSync(
    sessionFile,
    `${JSON.stringify({ type: "message", id, parentId, timestamp, message })}\n`,
  );
  return id;
}

function describeEntry(count: number): string {
  return count.toString(16).padStart(8, "0");
}

/** When the server has answered for an entry. */
function answerFor(id: string): Promise<number> {
  return new Promise((resolve) => {
    onAnswer = (body) => {
      if (body.includes(`:${id}"`)) resolve(performance.now());
    };
  });
}

function watchFetch(): void {
  const send = globalThis.fetch;
  globalThis.fetch = (async (url: string, init?: RequestInit) => {
    requests += 1;
    const response = await send(url, init);
    if (typeof init?.body === "string") onAnswer?.(init.body);
    return response;
  }) as typeof fetch;
}
