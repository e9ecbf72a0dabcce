import { describe, expect, test } from "bun:test";

import { SessionBuilder, usage } from "../../support/session.ts";
import { liveBench } from "./support.ts";
import type { Call, LiveBench } from "./support.ts";

const kinds = (calls: readonly Call[]): string => calls.map(({ kind }) => kind[0]).join("");

/** What the server knows of tokens. */
async function tokensOf(at: LiveBench, session: SessionBuilder): Promise<number[]> {
  const id = `pi:${session.header.id}`;
  const stored = (await at.opensync.read([id])).get(id)?.session;
  return [stored?.promptTokens ?? 0, stored?.completionTokens ?? 0];
}

test("a session arrives prompt by prompt while it goes on", async () => {
  await using at = await liveBench();
  const session = new SessionBuilder();
  const { live } = at.start(session);
  for (let turn = 0; turn < 4; turn++) {
    live.setBusy(true);
    session.user(`prompt ${turn}`);
    await at.write(session);
    live.nudge();
    await at.delivered(session);
    session.assistant(`answer ${turn}`, { usage: usage(10, 1) });
    await at.write(session);
    live.nudge();
    live.setBusy(false);
    await at.delivered(session);
  }
  await at.settled();
  expect(await tokensOf(at, session)).toEqual([40, 4]);
  expect(live.state).toMatchObject({ phase: "well", waiting: 0, elsewhere: 0 });
  expect(live.state.failure).toBeUndefined();
});

test("the session stands there with its title before its first message", async () => {
  await using at = await liveBench();
  const session = new SessionBuilder();
  const { live } = at.start(session);
  session.user("what is it?");
  await at.write(session);
  live.nudge();
  await at.delivered(session);
  expect(at.calls[0]).toMatchObject({ kind: "session", body: { title: "what is it?" } });
  expect(kinds(at.calls)).toBe("sm");
});

test("a nudge is sent within a blink", async () => {
  await using at = await liveBench();
  const session = new SessionBuilder();
  const { live } = at.open(session);
  session.user("one");
  await at.write(session);
  live.nudge();
  await at.clock.advance(30);
  while (at.calls.length === 0) await Bun.sleep(1);
  await at.delivered(session);
});

test("what comes without a nudge is noticed within a second", async () => {
  await using at = await liveBench();
  const session = new SessionBuilder();
  at.start(session);
  await at.clock.advance(5000);
  session.user("!ls");
  await at.write(session);
  const begun = at.clock.now();
  await at.clock.until(() => at.calls.length > 0, 1);
  expect(at.clock.now() - begun).toBeLessThan(1500);
  await at.delivered(session);
});

test("a new name arrives", async () => {
  await using at = await liveBench();
  const session = new SessionBuilder();
  session.user("one");
  await at.write(session);
  at.start(session);
  await at.delivered(session);
  session.add("session_info", { name: "the name" });
  await at.write(session);
  await at.clock.until(async () => {
    const [stored] = (await at.opensync.read()).values();
    return stored?.session.title === "the name";
  });
});

test("a session without a prompt is not sent", async () => {
  await using at = await liveBench();
  const session = new SessionBuilder();
  session.add("model_change", { provider: "anthropic", modelId: "x" });
  await at.write(session);
  const { live } = at.start(session);
  await at.clock.advance(5000);
  await at.clock.until(() => live.state.skipped !== undefined);
  expect(live.state).toMatchObject({ phase: "well", skipped: "no prompt", waiting: 0 });
  session.user("one");
  await at.write(session);
  await at.delivered(session);
  await at.clock.until(() => live.state.skipped === undefined);
});

describe("tokens and cost", () => {
  test("are told once, two seconds after the last change", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    const { live } = at.start(session);
    for (let turn = 0; turn < 5; turn++) {
      session.user(`prompt ${turn}`);
      session.assistant(`answer ${turn}`, { usage: usage(100, 10) });
      await at.write(session);
      live.nudge();
      await at.delivered(session);
    }
    expect(kinds(at.calls)).toBe("smmmmmmmmmm");
    await at.clock.until(() => at.calls.length > 11);
    await at.settled();
    await at.clock.advance(60_000);
    expect(kinds(at.calls)).toBe("smmmmmmmmmms");
    expect(at.calls.at(-1)?.body["title"]).toBeUndefined();
    expect(await tokensOf(at, session)).toEqual([500, 50]);
    expect(live.state.lastSuccessAt).toBeGreaterThan(0);
  });

  test("are told once for each quiet time", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    at.start(session);
    for (let turn = 1; turn <= 3; turn++) {
      session.user(`prompt ${turn}`);
      session.assistant(`answer ${turn}`, { usage: usage(100, 10) });
      await at.write(session);
      await at.clock.until(async () => (await tokensOf(at, session))[0] === turn * 100);
      await at.clock.advance(10_000);
    }
    expect(kinds(at.calls)).toBe("smmsmmsmms");
  });

  test("wait while pi works, however long ago they were told", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    const { live } = at.start(session);
    await at.clock.advance(60 * 60_000);
    live.setBusy(true);
    for (let turn = 0; turn < 4; turn++) {
      session.assistant(`answer ${turn}`, { usage: usage(100, 10) });
      if (turn === 0) session.user("go");
      await at.write(session);
      live.nudge();
      await at.delivered(session);
      await at.clock.advance(60_000);
    }
    expect(kinds(at.calls)).toBe("smmmmm");
    live.setBusy(false);
    await at.settled();
    expect(kinds(at.calls)).toBe("smmmmms");
    expect(await tokensOf(at, session)).toEqual([400, 40]);
  });

  test("are told every five minutes while pi works without a pause", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    const { live } = at.start(session);
    live.setBusy(true);
    session.user("go");
    await at.write(session);
    live.nudge();
    await at.delivered(session);
    await at.clock.until(() => live.state.lastSuccessAt !== undefined);
    for (let minute = 1; minute < 5; minute++) {
      await at.clock.advance(60_000);
      session.user(`minute ${minute}`);
      await at.write(session);
      live.nudge();
      await at.delivered(session);
    }
    expect(kinds(at.calls)).toBe("smmmmm");
    await at.clock.advance(60_000);
    await at.clock.until(() => at.calls.length > 6);
    expect(kinds(at.calls)).toBe("smmmmms");
  });

  test("are told when pi stops working", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    const { live } = at.start(session, { isBusy: true });
    session.user("go");
    session.assistant("done", { usage: usage(100, 10) });
    await at.write(session);
    live.nudge();
    await at.delivered(session);
    await at.clock.advance(30_000);
    expect(kinds(at.calls)).toBe("smm");
    live.setBusy(false);
    await at.clock.until(() => at.calls.length === 4);
    await at.settled();
    expect(await tokensOf(at, session)).toEqual([100, 10]);
  });
});

describe("what is told of it", () => {
  test("sending is shown where it takes long, with what waits", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    for (let turn = 0; turn < 3; turn++) session.user(`prompt ${turn}`);
    await at.write(session);
    at.delayMs = 40;
    const { states } = at.start(session);
    await at.delivered(session);
    await at.clock.until(() => states.at(-1)?.phase === "well");
    const sending = states.filter(({ phase }) => phase === "sending").map((each) => each.waiting);
    expect(sending.length).toBeGreaterThan(1);
    expect(sending).toEqual(sending.toSorted((a, b) => b - a));
    expect(sending.at(-1)).toBe(0);
  });

  test("sending that is over soon is not shown", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    session.user("one");
    await at.write(session);
    const { live, states } = at.open(session);
    live.nudge();
    await at.clock.advance(30);
    while (live.state.waiting > 0 || states.length < 3) await Bun.sleep(1);
    await at.clock.advance(0);
    expect(states.some(({ phase }) => phase === "sending")).toBe(false);
  });

  test("secrets are replaced and counted", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    session.user(`my key is ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`);
    await at.write(session);
    const { live } = at.start(session);
    await at.clock.until(() => at.calls.length > 1);
    await at.clock.until(() => live.state.redacted === 1);
    expect(JSON.stringify(at.calls)).not.toContain("ghp_a1B2");
  });
});
