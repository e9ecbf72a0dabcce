import { expect, test } from "bun:test";
import { existsSync, symlinkSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { choiceData, choiceEntryType } from "../../../lib/session/choice.ts";
import type { LiveSync } from "../../../lib/live/live-sync.ts";
import { SessionBuilder } from "../../support/session.ts";
import { liveBench } from "./support.ts";
import type { LiveBench } from "./support.ts";

/** A session of its own. */
function named(index: number, prompts = 1): SessionBuilder {
  const id = `019e742e-9d84-7578-90d7-${String(index).padStart(12, "0")}`;
  const session = new SessionBuilder({ id });
  for (let prompt = 0; prompt < prompts; prompt++) session.user(`prompt ${prompt} of ${index}`);
  return session;
}

/** Leaves sessions as a process that died. */
async function leave(at: LiveBench, ...sessions: SessionBuilder[]): Promise<void> {
  for (const session of sessions) {
    await at.write(session);
    await at.marks.claim({ path: at.pathOf(session), isSpooled: false });
  }
}

test("all that is left is sent, and told while it waits", async () => {
  await using at = await liveBench();
  const left = [named(1), named(2), named(3)];
  await leave(at, ...left);
  const { states, live } = at.start(named(0));
  await at.delivered(...left);
  await at.caughtUp();
  await at.clock.until(() => live.state.elsewhere === 0);
  expect(live.state.phase).toBe("well");
  const counts = states.map(({ elsewhere }) => elsewhere);
  expect(counts.filter((count, at) => count !== counts[at - 1])).toEqual([3, 2, 1, 0]);
});

test("one that grows while the last of it is sent is sent to its end", async () => {
  await using at = await liveBench();
  const left = named(1);
  await leave(at, left);
  let isGrown = false;
  at.fail(() => {
    // Session, message, and now tokens and cost: the file has been read.
    if (at.calls.length === 3 && !isGrown) {
      isGrown = true;
      left.user("late");
      void at.write(left);
    }
    return undefined;
  });
  at.start(named(0));
  await at.caughtUp();
  expect(await at.read(left)).toEqual(["user: prompt 0 of 1", "user: late"]);
});

test("the session that goes on comes first", async () => {
  await using at = await liveBench();
  const current = named(0);
  await at.write(current);
  await leave(at, named(1));
  at.start(current);
  await at.caughtUp();
  const messages = at.calls.filter(({ kind }) => kind === "message");
  const bodies = messages.map(({ body }) => JSON.stringify(body));
  const firstOther = bodies.findIndex((body) => body.includes(named(1).header.id));
  const lastOwn = bodies.findLastIndex((body) => body.includes(current.header.id));
  expect(firstOther).toBeGreaterThan(lastOwn);
});

test("the session that goes on is none of them", async () => {
  await using at = await liveBench();
  const current = named(0);
  await leave(at, current);
  const { states } = at.start(current);
  await at.caughtUp();
  expect(states.every(({ elsewhere }) => elsewhere === 0)).toBe(true);
});

test("a file that is gone is done with, and the others are sent", async () => {
  await using at = await liveBench();
  await at.marks.claim({ path: join(at.dir, "gone.jsonl"), isSpooled: false });
  await at.marks.claim({ path: join(at.dir, "spool", "gone.jsonl"), isSpooled: true });
  await leave(at, named(1));
  at.start(named(0));
  await at.delivered(named(1));
  await at.caughtUp();
});

test("what is private is not sent, and done with", async () => {
  await using at = await liveBench();
  const secret = named(1);
  secret.add("custom", { customType: choiceEntryType, data: choiceData("off") });
  await leave(at, secret);
  at.start(named(0));
  await at.caughtUp();
  expect(at.calls).toEqual([]);
});

test("a spool is removed once it is delivered", async () => {
  await using at = await liveBench();
  const session = named(1);
  const path = join(at.dir, "state", "spool", "a.jsonl");
  await mkdir(join(at.dir, "state", "spool"), { recursive: true });
  await writeFile(path, session.toJsonl());
  await at.marks.claim({ path, isSpooled: true });
  at.fail("drop");
  const { live } = at.start(named(0));
  await at.clock.until(() => live.state.phase === "offline");
  expect(existsSync(path)).toBe(true);
  at.fail(undefined);
  await at.delivered(session);
  await at.caughtUp();
  expect(existsSync(path)).toBe(false);
});

test("a session that is no file or can't be read holds up neither the others nor the one that goes on", async () => {
  await using at = await liveBench();
  const loop = join(at.dir, "loop.jsonl");
  symlinkSync(loop, loop);
  await at.marks.claim({ path: loop, isSpooled: false });
  // A memory that nobody may read from: the file is there, and reading it fails.
  if (existsSync("/proc/self/mem")) {
    await at.marks.claim({ path: "/proc/self/mem", isSpooled: false });
  }
  const left = [named(1), named(2)];
  await leave(at, ...left);
  const current = named(0);
  const { live } = at.start(current);
  await at.delivered(...left);
  await expectNoDelay(at, current, live);
});

test("a nudge interrupts catching up after the message under way", async () => {
  await using at = await liveBench();
  const long = named(1, 12);
  await leave(at, long);
  at.delayMs = 40;
  const current = named(0);
  const { live } = at.start(current);
  await at.clock.until(async () => (await at.read(long)).length === 3);
  await at.write(named(0));
  live.nudge();
  at.delayMs = 0;
  await at.delivered(current);
  const own = at.calls.findIndex(({ body }) => JSON.stringify(body).includes(current.header.id));
  expect(own).toBeGreaterThan(0);
  expect(own).toBeLessThan(8);
  await at.delivered(long);
  expect(at.calls.filter(({ kind }) => kind === "message")).toHaveLength(13);
});

test("what another pi that runs sees to is left to it", async () => {
  await using at = await liveBench();
  await at.write(named(1));
  const path = Bun.fileURLToPath(import.meta.resolve("../../fixtures/marks-worker.ts"));
  const marksDir = join(at.dir, "state", "live");
  const other = Bun.spawn([process.execPath, path, marksDir, at.pathOf(named(1))]);
  await other.stdout.getReader().read();
  const { live } = at.start(named(0));
  await at.clock.advance(30_000);
  await Bun.sleep(20);
  expect(at.calls).toEqual([]);
  expect(live.state.elsewhere).toBe(0);
  other.kill("SIGKILL");
  await other.exited;
  await at.clock.advance(45_000);
  await at.delivered(named(1));
});

test("a session that the server fails on holds up neither the others nor the one that goes on", async () => {
  await using at = await liveBench();
  const [current, bad, good] = [named(0), named(1), named(2)];
  await leave(at, bad, good);
  at.fail(() =>
    JSON.stringify(at.calls.at(-1)?.body).includes(bad.header.id) ? "500" : undefined,
  );
  const { live } = at.start(current);
  await at.delivered(good);
  await expectNoDelay(at, current, live);
  expect(live.state.phase).toBe("well");
  expect((await at.marks.listLeft()).map(({ path }) => path)).toContain(at.pathOf(bad));
  at.fail(undefined);
  await at.clock.advance(60_000);
  await at.delivered(bad);
  await at.caughtUp();
});

/** What is added to the session that goes on, which has one prompt so far, arrives at once. */
async function expectNoDelay(
  at: LiveBench,
  current: SessionBuilder,
  live: LiveSync,
): Promise<void> {
  for (let prompt = 0; prompt < 5; prompt++) {
    current.user(`more ${prompt}`);
    await at.write(current);
    const begun = at.clock.now();
    live.nudge();
    await at.clock.until(async () => (await at.read(current)).length === prompt + 2, 1);
    expect(at.clock.now() - begun).toBeLessThan(1000);
  }
}
