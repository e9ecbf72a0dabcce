import { describe, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";

import { SessionBuilder, usage } from "../../support/session.ts";
import { liveBench } from "./support.ts";
import type { LiveBench } from "./support.ts";

/** A session of prompts that is not sent yet. */
async function unsent(at: LiveBench, prompts: number): Promise<SessionBuilder> {
  const session = new SessionBuilder();
  for (let prompt = 0; prompt < prompts; prompt++) session.user(`prompt ${prompt}`);
  await at.write(session);
  return session;
}

const other = (): SessionBuilder =>
  new SessionBuilder({ id: "019e742e-9d84-7578-90d7-000000000000" });

describe("flush", () => {
  test("delivers what is left, with tokens and cost, and waits for nothing else", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 2);
    session.assistant("the end", { usage: usage(100, 10) });
    await at.write(session);
    const { live } = at.open(session);
    const begun = Date.now();
    await live.flush(60_000);
    expect(Date.now() - begun).toBeLessThan(3000);
    expect(at.calls.map(({ kind }) => kind[0]).join("")).toBe("smmms");
    const [stored] = (await at.opensync.read()).values();
    expect(stored?.session).toMatchObject({ promptTokens: 100, messageCount: 3 });
    expect(at.markFiles()).toEqual([]);
  });

  test("tells tokens and cost that waited for a quiet time", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 1);
    const { live } = at.start(session, { isBusy: true });
    await at.delivered(session);
    await at.clock.until(() => live.state.waiting === 0 && live.state.lastSuccessAt !== undefined);
    await live.flush(60_000);
    expect(at.calls.map(({ kind }) => kind[0]).join("")).toBe("sms");
    expect(at.markFiles()).toEqual([]);
  });

  test("delivers what comes right after it", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 1);
    const { live } = at.start(session);
    await live.flush(60_000);
    session.assistant("the last answer");
    await at.write(session);
    live.nudge();
    // No time has to pass for it.
    for (let tries = 0; tries < 1000 && (await at.read(session)).length < 2; tries++) {
      await Bun.sleep(2);
    }
    expect(await at.read(session)).toEqual(["user: prompt 0", "assistant: the last answer"]);
  });

  test("gives up in time when the server hangs, and leaves the rest marked", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 2);
    at.fail("stall");
    const { live } = at.start(session);
    const begun = Date.now();
    await at.over(live.flush(200));
    expect(Date.now() - begun).toBeLessThan(1500);
    expect(at.markFiles()).toHaveLength(1);
    at.fail(undefined);
    at.start(other());
    await at.delivered(session);
    await at.caughtUp();
  });

  test("tries a server that is gone once, and leaves the rest marked", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 2);
    at.fail("drop");
    const { live } = at.start(session);
    await at.clock.until(() => live.state.phase === "offline");
    const tried = at.calls.length;
    const begun = Date.now();
    await at.over(live.flush(3000));
    expect(Date.now() - begun).toBeLessThan(2000);
    expect(at.calls.length).toBeGreaterThan(tried);
    expect(at.markFiles()).toHaveLength(1);
  });

  test("goes before catching up", async () => {
    await using at = await liveBench();
    const left = other();
    for (let prompt = 0; prompt < 12; prompt++) left.user(`prompt ${prompt}`);
    await at.write(left);
    await at.leaveBehind(left);
    const session = new SessionBuilder();
    at.delayMs = 40;
    const { live } = at.start(session);
    await at.clock.until(() => at.calls.length === 3);
    session.user("the last words");
    await at.write(session);
    at.delayMs = 0;
    await live.flush(60_000);
    expect(await at.read(session)).toEqual(["user: the last words"]);
    expect((await at.read(left)).length).toBeLessThan(12);
    expect((await at.marks.listLeft()).map(({ path }) => path)).toEqual([at.pathOf(left)]);
  });

  test("after the end does nothing", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 1);
    const { live } = at.open(session);
    await at.over(live.close());
    await live.flush(1000);
    expect(at.calls).toEqual([]);
    expect(at.markFiles()).toHaveLength(1);
  });
});

describe("close", () => {
  test("while it sends leaves a mark, and the next session delivers the rest", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 10);
    at.delayMs = 40;
    const { live } = at.start(session);
    await at.clock.until(async () => (await at.read(session)).length === 2);
    at.delayMs = 0;
    await at.over(live.close());
    expect((await at.read(session)).length).toBeLessThan(10);
    expect(at.markFiles()).toHaveLength(1);
    const sent = at.calls.length;
    await at.clock.advance(10_000);
    expect(at.calls).toHaveLength(sent);
    at.start(other());
    await at.delivered(session);
    await at.caughtUp();
    // The one in flight may have been cut.
    expect(at.calls.filter(({ kind }) => kind === "message").length).toBeLessThanOrEqual(11);
  });

  test("right after something was added leaves a mark, and sends nothing", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 1);
    const { live } = at.start(session);
    live.nudge();
    await at.clock.advance(10);
    await at.over(live.close());
    expect(at.calls).toEqual([]);
    expect(at.markFiles()).toHaveLength(1);
  });

  test("lets a request in flight end for two seconds, no longer", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 2);
    at.fail("stall");
    const { live } = at.start(session);
    await at.clock.until(() => at.calls.length === 1);
    let isClosed = false;
    void live.close().then(() => (isClosed = true));
    await at.clock.advance(1900);
    await Bun.sleep(20);
    expect(isClosed).toBe(false);
    await at.clock.advance(100);
    for (let tries = 0; tries < 100 && !isClosed; tries++) await Bun.sleep(2);
    expect(isClosed).toBe(true);
    expect(at.markFiles()).toHaveLength(1);
  });

  test("of a session that is delivered leaves nothing", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 1);
    const { live, states } = at.start(session);
    await at.delivered(session);
    await at.settled();
    await at.over(live.close());
    const told = states.length;
    live.nudge();
    live.setBusy(true);
    live.setGate("paused");
    await at.over(live.sync());
    await at.clock.advance(60_000);
    expect(states).toHaveLength(told);
    expect(at.markFiles()).toEqual([]);
  });
});

describe("no end at all", () => {
  test("after kill -9 the next session delivers the rest", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 6);
    at.delayMs = 40;
    const { kill } = at.start(session);
    await at.clock.until(async () => (await at.read(session)).length === 2);
    kill();
    at.delayMs = 0;
    expect(at.markFiles()).toHaveLength(1);
    at.start(other());
    await at.delivered(session);
    await at.caughtUp();
  });

  test("between messages and totals the next session tells the totals", async () => {
    await using at = await liveBench();
    const session = await unsent(at, 1);
    session.assistant("1", { usage: usage(100, 10) });
    await at.write(session);
    const { kill, live } = at.start(session, { isBusy: true });
    await at.delivered(session);
    await at.clock.until(() => live.state.lastSuccessAt !== undefined);
    kill();
    at.start(other());
    await at.caughtUp();
    const [stored] = (await at.opensync.read()).values();
    expect(stored?.session).toMatchObject({ promptTokens: 100, messageCount: 2 });
  });
});

test("two on one file send each message, and the server has each once", async () => {
  await using at = await liveBench();
  const session = new SessionBuilder();
  const both = [at.start(session), at.start(session)];
  for (let turn = 0; turn < 5; turn++) {
    session.user(`prompt ${turn}`);
    session.assistant(`answer ${turn}`, { usage: usage(10, 1) });
    await at.write(session);
    for (const { live } of both) live.nudge();
    if (turn % 2 === 0) await at.delivered(session);
  }
  await at.delivered(session);
  await at.settled();
  const [stored] = (await at.opensync.read()).values();
  expect(stored?.session).toMatchObject({ promptTokens: 50, messageCount: 10 });
});

test("a session that is appended to in the middle of a line waits for the rest of it", async () => {
  await using at = await liveBench();
  const session = await unsent(at, 1);
  const { live } = at.start(session);
  await at.delivered(session);
  session.user("in two pieces");
  const line = JSON.stringify(session.entries.at(-1));
  appendFileSync(at.pathOf(session), line.slice(0, 40));
  live.nudge();
  await at.clock.advance(5000);
  expect(live.state.failure).toBeUndefined();
  appendFileSync(at.pathOf(session), `${line.slice(40)}\n`);
  live.nudge();
  await at.delivered(session);
});
