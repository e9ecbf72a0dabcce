import { expect, test } from "bun:test";
import fc from "fast-check";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { StoredConversation } from "../../lib/opensync/incoming.ts";
import type { StoredMessage } from "../../lib/opensync/wire.ts";
import { toSink } from "../../lib/sync/delivery.ts";
import type { Sink } from "../../lib/sync/delivery.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { toldFork, toldSession } from "../support/arbitrary-session.ts";
import type { ToldSession } from "../support/arbitrary-session.ts";
import { faultyProxy } from "../support/faulty-proxy.ts";
import type { Fault } from "../support/faulty-proxy.ts";
import { runReconcile } from "../support/run-reconcile.ts";
import { clientOf, testServer } from "../support/server.ts";
import { tempDir } from "../support/temp.ts";

const runs = Number(process.env["PI_OPENSYNC_TEST_RUNS"] ?? 40);

// Suspicion: a crash between an answer and its cursor, a torn line, a lost cursor, or copied entry
// ids lose a message, double it, or change the order.
test(`sessions arrive whole, once and in order, however often the sender dies (${runs} runs)`, async () => {
  await using opensync = await testServer();
  const crash = fc.record({
    /** So many calls before the process is gone. */
    afterCalls: fc.nat({ max: 30 }),
    /** Whether the server saw the last one. */
    isStored: fc.boolean(),
    /** How much of the file is there at that moment, in per mille. */
    written: fc.nat({ max: 1000 }),
    forgets: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(toldFork, fc.array(crash, { maxLength: 4 }), async (family, crashes) => {
      await using dir = await tempDir();
      await using dead = new Graveyard();
      const state = join(dir.path, "state");
      const paths = family.map((_, index) => join(dir.path, `${index}.jsonl`));
      const files = family.map(({ session }) => Buffer.from(session.toJsonl()));
      const writeAll = async (share: number): Promise<void> => {
        for (const [index, file] of files.entries()) {
          await writeFile(paths[index]!, file.subarray(0, Math.ceil(file.length * share)));
        }
      };
      for (const { afterCalls, isStored, written, forgets } of crashes.toSorted(byWritten)) {
        await writeAll(written / 1000);
        for (const path of paths) {
          await dieDuring(
            path,
            state,
            mortal(toSink(opensync.client), afterCalls, isStored, dead),
            dead,
          );
        }
        if (forgets) await rm(state, { recursive: true, force: true });
      }
      await writeAll(1);
      for (const path of paths) {
        const events = await runReconcile(path, state, { sink: toSink(opensync.client) });
        expect(events.at(-1)).toMatchObject({ type: "session-done" });
        const again = await runReconcile(path, state, { sink: toSink(opensync.client) });
        expect(again.at(-1)).toMatchObject({ outcome: { kind: "unchanged" } });
      }
      const stored = await opensync.read(family.map(({ session }) => `pi:${session.header.id}`));
      for (const told of family) expectTold(told, stored);
    }),
    { numRuns: runs },
  );
}, 120_000);

// Suspicion: an answer that is lost, late, cut or false makes the engine skip, double or give up.
test("whatever goes wrong on the way, everything arrives once and in order", async () => {
  await using opensync = await testServer();
  const faults = fc.constantFrom<Fault | undefined>(...weather, ...weather.map(() => undefined));
  await fc.assert(
    fc.asyncProperty(toldSession, fc.infiniteStream(faults), async (told, stream) => {
      await using dir = await tempDir();
      await using proxy = await faultyProxy(opensync.server.url, () => stream.next().value);
      const client = clientOf(proxy.url, opensync.server.apiKey, {
        timeoutMs: 150,
        clock: { ...systemClock, sleep: () => Bun.sleep(1) },
      });
      const path = join(dir.path, "session.jsonl");
      await writeFile(path, told.session.toJsonl());
      for (let run = 0; run < 20; run++) {
        const last = (await runReconcile(path, dir.path, { sink: toSink(client) })).at(-1);
        if (last?.type === "session-done" && last.outcome.kind === "unchanged") break;
      }
      expectTold(told, await opensync.read([`pi:${told.session.header.id}`]));
    }),
    { numRuns: Math.ceil(runs / 4) },
  );
}, 120_000);

const weather: Fault[] = [
  "drop",
  "lose-answer",
  "cut-answer",
  "stall",
  "500",
  "conflict",
  "429",
  "page",
];

function byWritten(a: { written: number }, b: { written: number }): number {
  return a.written - b.written;
}

/** What dead processes left behind in this one; disposed of when nothing depends on it any more. */
class Graveyard implements AsyncDisposable {
  readonly #bury = Promise.withResolvers<never>();
  readonly #rest: Promise<unknown>[] = [];

  constructor() {
    this.#bury.promise.catch(() => {});
  }

  /** Never resolves. */
  get death(): Promise<never> {
    return this.#bury.promise;
  }

  add(life: Promise<unknown>): void {
    this.#rest.push(life);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bury.reject(new Error("buried"));
    await Promise.allSettled(this.#rest);
  }
}

/** A sink that takes so many calls, and with it the process that makes one more. */
function mortal(client: Sink, callsMax: number, isStored: boolean, dead: Graveyard) {
  const { promise: died, resolve: die } = Promise.withResolvers<void>();
  let calls = 0;
  const take = async (call: () => Promise<boolean>): Promise<boolean> => {
    calls += 1;
    if (calls <= callsMax) return call();
    if (isStored) await call();
    die();
    return dead.death;
  };
  const sink: Sink = {
    putSession: (put) => take(() => client.putSession(put)),
    putMessage: (put) => take(() => client.putMessage(put)),
    renameSession: (id, title) => take(() => client.renameSession(id, title)),
  };
  return { sink, died };
}

/** Reconciles until the process would be gone: nothing of it runs after that, no clean-up either. */
async function dieDuring(
  path: string,
  state: string,
  { sink, died }: { sink: Sink; died: Promise<void> },
  dead: Graveyard,
): Promise<void> {
  const life = runReconcile(path, state, { sink });
  dead.add(life);
  await Promise.race([life, died]);
}

function expectTold({ session, told }: ToldSession, stored: Map<string, StoredConversation>): void {
  const conversation = stored.get(`pi:${session.header.id}`);
  const messages = (conversation?.messages ?? []).filter((message) => !isJump(message));
  expect(messages.map(({ role }) => role)).toEqual(told.map(({ role }) => role) as never);
  for (const [index, { mark }] of told.entries()) {
    expect(JSON.stringify(messages[index])).toContain(mark);
  }
  expect(conversation?.session.messageCount).toBe(conversation?.messages.length ?? -1);
}

function isJump({ role, textContent }: StoredMessage): boolean {
  return role === "system" && textContent?.startsWith("[went back to ") === true;
}
