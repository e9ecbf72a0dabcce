import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";

import { AppError } from "../../../lib/errors.ts";
import { SessionBuilder } from "../../support/session.ts";
import { liveBench } from "./support.ts";
import type { LiveBench } from "./support.ts";

async function oneTurn(at: LiveBench): Promise<SessionBuilder> {
  const session = new SessionBuilder();
  session.user("one");
  session.assistant("1");
  await at.write(session);
  return session;
}

test("a server that is gone is tried again, and all arrives when it is back", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  at.fail("drop");
  const { live } = at.start(session);
  await at.clock.until(() => live.state.phase === "offline");
  expect(live.state).toMatchObject({ waiting: 2, failure: { isTimeout: false } });
  session.user("two");
  await at.write(session);
  live.nudge();
  await at.clock.until(() => live.state.waiting === 3);
  expect(at.markFiles()).toHaveLength(1);
  at.fail(undefined);
  await at.delivered(session);
  await at.clock.until(() => live.state.phase === "well" && live.state.waiting === 0);
  expect(live.state.failure).toBeUndefined();
  await at.settled();
});

test("a server that is gone is shown as gone until it takes something, however long that takes", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  at.fail("drop");
  at.clock.draw = 0.99;
  const { live, states } = at.start(session);
  await at.clock.until(() => live.state.phase === "offline");
  const told = states.length;
  for (let minute = 0; minute < 5; minute++) {
    await at.clock.advance(60_000);
    await Bun.sleep(5);
  }
  expect(states.slice(told).map(({ phase }) => phase)).not.toContain("sending");
  at.fail(undefined);
  await at.delivered(session);
  await at.settled();
  expect(states.slice(told)).toContainEqual(
    expect.objectContaining({ phase: "sending", waiting: 1 }),
  );
});

test("a session that was delivered before says nothing of a server that is gone", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  await at.over(at.start(session).live.sync());
  await at.settled();
  const sent = at.calls.length;
  at.fail("drop");
  const { live } = at.start(session);
  await at.over(live.sync());
  expect(at.calls).toHaveLength(sent);
  expect(live.state).toMatchObject({ phase: "well", waiting: 0 });
  expect(live.state.lastSuccessAt).toBeUndefined();
});

test("the more often it failed, the rarer it is tried, whatever is added", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  at.fail("drop");
  const { live } = at.start(session);
  await at.clock.until(() => live.state.phase === "offline");
  for (let minute = 0; minute < 20; minute++) {
    live.nudge();
    await at.clock.advance(30_000);
    await Bun.sleep(5);
  }
  // Two tries in each round; with half a minute between them.
  expect(at.calls.length).toBeLessThanOrEqual(2 * 22);
  const tried = at.calls.length;
  at.fail(undefined);
  await at.over(live.sync());
  expect(at.calls.length).toBeGreaterThan(tried);
  expect(await at.read(session)).toHaveLength(2);
});

test("a key that is refused is not tried again before a person asks for it", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  const keys: string[] = [];
  const key = async (): Promise<string> => {
    keys.push("asked");
    return keys.length === 1 ? `osk_${"x".repeat(32)}` : at.opensync.server.apiKey;
  };
  const { live } = at.start(session, { key });
  await at.clock.until(() => live.state.phase === "refused");
  // The round counts once more at its end.
  await Bun.sleep(20);
  expect(live.state).toMatchObject({ waiting: 2 });
  const tried = at.calls.length;
  session.user("two");
  await at.write(session);
  live.nudge();
  await at.clock.until(() => live.state.waiting === 3);
  await at.clock.advance(10 * 60_000);
  expect(at.calls).toHaveLength(tried);
  expect(at.markFiles()).toHaveLength(1);
  expect(JSON.stringify(live.state)).not.toContain("osk_");
  await at.over(live.sync());
  await at.delivered(session);
  expect(live.state.phase).toBe("well");
  expect(live.state.failure).toBeUndefined();
});

test("a command for the key that failed is not run again when pi ends", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  let runs = 0;
  const key = (): Promise<string> => {
    runs += 1;
    return Promise.reject(new AppError("config", "Nobody unlocked it."));
  };
  const { live } = at.start(session, { key });
  await at.clock.until(() => live.state.phase === "failed");
  await at.over(live.flush(2000));
  expect(runs).toBe(1);
  expect(at.markFiles()).toHaveLength(1);
});

test("a command for the key that fails is not run again before a person asks for it", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  const { resolveSecret } = await import("../../../lib/config/secret.ts");
  const { runCommand } = await import("../../../lib/platform/run-command.ts");
  const flag = `${at.dir}/unlocked`;
  let runs = 0;
  const key = (): Promise<string> => {
    runs += 1;
    const command = `!cat ${flag} && printf %s ${at.opensync.server.apiKey}`;
    return resolveSecret("The API key", command, { env: {}, run: runCommand });
  };
  const { live } = at.start(session, { key });
  await at.clock.until(() => live.state.phase === "failed");
  expect(live.state.failure?.message).toContain("a command that failed: exit code 1");
  live.nudge();
  await at.clock.advance(10 * 60_000);
  await Bun.sleep(10);
  expect(runs).toBe(1);
  expect(at.markFiles()).toHaveLength(1);
  await Bun.write(flag, "");
  await at.over(live.sync());
  await at.delivered(session);
  expect(live.state.phase).toBe("well");
  expect(runs).toBe(2);
});

test("answers that are lost, cut, late or false lose and double nothing", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  let requests = 0;
  const weather = ["lose-answer", "500", "cut-answer", "429", "page"] as const;
  at.fail(() => (requests++ % 3 < 2 ? weather[requests % weather.length] : undefined));
  const { live } = at.start(session);
  for (let prompt = 0; prompt < 3; prompt++) {
    session.user(`more ${prompt}`);
    await at.write(session);
    live.nudge();
    await at.clock.advance(100);
  }
  await at.delivered(session);
});

test("cursors that can't be read any more are not shown as sending", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  const { live } = at.start(session);
  await at.delivered(session);
  await at.settled();
  await rm(`${at.dir}/state/cursors`, { recursive: true });
  await Bun.write(`${at.dir}/state/cursors`, "a file in the folder's place");
  at.clock.draw = 0.99;
  session.user("two");
  await at.write(session);
  await at.clock.until(() => live.state.phase === "failed");
  await at.clock.advance(500);
  expect(live.state.phase).toBe("failed");
});

test("cursors that can't be written are trouble here, and are tried again", async () => {
  await using at = await liveBench();
  const session = await oneTurn(at);
  await Bun.write(`${at.dir}/state/cursors`, "a file in the folder's place");
  const { live, states } = at.start(session);
  await at.clock.until(() => live.state.phase === "failed");
  await at.clock.advance(1000);
  await Bun.sleep(5);
  expect(live.state.phase).toBe("failed");
  expect(states.at(-1)?.failure?.message).toContain("cursors");
  await Bun.file(`${at.dir}/state/cursors`).delete();
  await at.delivered(session);
});
