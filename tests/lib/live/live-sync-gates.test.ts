import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { spoolSource } from "../../../lib/live/source.ts";
import type { LiveSource } from "../../../lib/live/source.ts";
import type { Gate } from "../../../lib/live/state.ts";
import { choiceData, choiceEntryType } from "../../../lib/session/choice.ts";
import { SessionBuilder } from "../../support/session.ts";
import { liveBench } from "./support.ts";
import type { LiveBench } from "./support.ts";

/** A session of two messages. */
function turn(): SessionBuilder {
  const session = new SessionBuilder();
  session.user("one");
  session.assistant("1");
  return session;
}

const spoolDir = (at: LiveBench): string => join(at.dir, "state", "spool");

function spoolOf(at: LiveBench, session: SessionBuilder): LiveSource {
  return spoolSource(spoolDir(at), {
    id: () => session.header.id,
    header: () => session.header,
    entries: () => session.entries,
  });
}

function spooled(at: LiveBench): string[] {
  try {
    return readdirSync(spoolDir(at));
  } catch {
    return [];
  }
}

describe.each<Gate>(["paused", "offline"])("%s", (gate) => {
  test("nothing is sent, what waits is counted and marked", async () => {
    await using at = await liveBench();
    const session = turn();
    await at.write(session);
    const { live } = at.start(session, { gate });
    await at.clock.until(() => live.state.waiting === 2);
    session.user("two");
    await at.write(session);
    live.nudge();
    await at.clock.until(() => live.state.waiting === 3);
    await at.clock.advance(60_000);
    expect(at.markFiles()).toHaveLength(1);
    await at.over(live.flush(1000));
    expect(at.markFiles()).toHaveLength(1);
    expect(at.calls).toEqual([]);
  });

  test("open again, everything is sent", async () => {
    await using at = await liveBench();
    const session = turn();
    await at.write(session);
    const { live } = at.start(session, { gate });
    await at.clock.until(() => live.state.waiting === 2);
    live.setGate("open");
    await at.delivered(session);
    await at.settled();
    expect(live.state).toMatchObject({ gate: "open", phase: "well", waiting: 0 });
  });

  test("sync sends all that waits once, and nothing after that", async () => {
    await using at = await liveBench();
    const session = turn();
    await at.write(session);
    const { live } = at.start(session, { gate });
    await at.clock.until(() => live.state.waiting === 2);
    await at.over(live.sync());
    expect(await at.read(session)).toEqual(["user: one", "assistant: 1"]);
    expect(live.state).toMatchObject({ gate, waiting: 0 });
    const sent = at.calls.length;
    session.user("two");
    await at.write(session);
    await at.clock.until(() => live.state.waiting === 1);
    await at.clock.advance(10_000);
    expect(at.calls).toHaveLength(sent);
  });

  test("sync sends everything that was left behind as well", async () => {
    await using at = await liveBench();
    const left = Array.from({ length: 3 }, (_, index) => named(index));
    for (const session of left) {
      await at.write(session);
      await at.marks.claim({ path: at.pathOf(session), isSpooled: false });
    }
    const { live } = at.start(new SessionBuilder(), { gate });
    await at.clock.until(() => live.state.elsewhere === 3);
    await at.clock.advance(5000);
    expect(at.calls).toEqual([]);
    await at.over(live.sync());
    await at.delivered(...left);
    await at.clock.until(() => live.state.elsewhere === 0);
  });
});

describe("off", () => {
  test("nothing is sent, counted, marked or caught up on", async () => {
    await using at = await liveBench();
    const session = turn();
    const left = named(1);
    for (const each of [session, left]) await at.write(each);
    await at.marks.claim({ path: at.pathOf(left), isSpooled: false });
    const { live, states } = at.start(session, { gate: "off" });
    live.nudge();
    live.setBusy(true);
    live.setBusy(false);
    await at.clock.advance(10_000);
    await at.over(live.flush(1000));
    expect(at.calls).toEqual([]);
    expect(states).toEqual([]);
    expect(at.markFiles()).toHaveLength(1);
  });

  test("it leaves the marks of what an earlier process did not get to", async () => {
    await using at = await liveBench();
    const session = turn();
    await at.write(session);
    await at.marks.claim({ path: at.pathOf(session), isSpooled: false });
    const { live } = at.start(session, { gate: "off" });
    await at.clock.advance(5000);
    await at.over(live.close());
    expect(at.markFiles()).toHaveLength(1);
  });

  test("from then on nothing more is sent, and nothing is kept for later", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    for (let prompt = 0; prompt < 10; prompt++) session.user(`prompt ${prompt}`);
    await at.write(session);
    at.delayMs = 40;
    const { live } = at.start(session);
    await at.clock.until(async () => (await at.read(session)).length === 2);
    const sent = at.calls.length;
    live.setGate("off");
    await at.clock.until(() => at.markFiles().length === 0);
    session.user("private");
    await at.write(session);
    live.nudge();
    await at.clock.advance(60_000);
    await at.over(live.flush(1000));
    // The message that was under way.
    expect(at.calls.length).toBeLessThanOrEqual(sent + 1);
    expect(at.markFiles()).toEqual([]);
  });

  // The reconcile tells title, tokens and cost also after it was asked to stop.
  test("the last message under way is the last request", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    session.user("one");
    await at.write(session);
    at.delayMs = 40;
    const { live } = at.open(session);
    void live.sync();
    await at.clock.until(() => at.calls.length === 2);
    live.setGate("off");
    await at.clock.until(() => at.markFiles().length === 0);
    await at.over(live.close());
    expect(at.calls.map(({ kind }) => kind)).toEqual(["session", "message"]);
  });

  test("taken back by a choice in the session, everything is sent", async () => {
    await using at = await liveBench();
    const session = turn();
    await at.write(session);
    const { live } = at.start(session);
    await at.delivered(session);
    session.add("custom", { customType: choiceEntryType, data: choiceData("off") });
    session.user("for me alone");
    await at.write(session);
    live.setGate("off");
    await at.clock.advance(10_000);
    expect(await at.read(session)).toEqual(["user: one", "assistant: 1"]);
    session.add("custom", { customType: choiceEntryType, data: choiceData("on") });
    await at.write(session);
    live.setGate("open");
    await at.delivered(session);
  });

  test("a spool that could not be sent is removed, also at the end", async () => {
    await using at = await liveBench();
    const session = turn();
    at.fail("drop");
    const { live } = at.start(spoolOf(at, session));
    await at.clock.until(() => live.state.phase === "offline");
    expect(spooled(at)).toHaveLength(1);
    live.setGate("off");
    await at.over(live.close());
    expect(spooled(at)).toEqual([]);
  });

  test("looking at a session that is kept in memory leaves nothing on the disk", async () => {
    await using at = await liveBench();
    const { live } = at.start(spoolOf(at, turn()), { gate: "off" });
    expect(await live.look()).toBeUndefined();
    expect(spooled(at)).toEqual([]);
  });
});

describe("sessions in memory alone", () => {
  test("arrive, and leave nothing behind", async () => {
    await using at = await liveBench();
    const session = new SessionBuilder();
    const { live } = at.start(spoolOf(at, session));
    for (let prompt = 0; prompt < 3; prompt++) {
      session.user(`prompt ${prompt}`);
      live.nudge();
      await at.delivered(session);
    }
    await at.over(live.flush(1000));
    expect(spooled(at)).toEqual([]);
    expect(at.markFiles()).toEqual([]);
    // pi 0.73 can tell of the last answer after the end.
    session.assistant("the last answer");
    live.nudge();
    await at.delivered(session);
    const begun = at.clock.now();
    await at.clock.until(() => spooled(at).length === 0);
    expect(at.clock.now() - begun).toBeLessThan(500);
    await at.clock.advance(10_000);
    await at.over(live.close());
    expect(spooled(at)).toEqual([]);
    expect(at.markFiles()).toEqual([]);
  });

  test("are written down before a request in flight is waited for", async () => {
    await using at = await liveBench();
    const session = turn();
    at.delayMs = 300;
    const source = spoolOf(at, session);
    const { live } = at.start(source);
    await at.clock.until(() => at.calls.length > 0);
    session.user("last");
    const closing = live.close();
    await Bun.sleep(100);
    expect(await Bun.file(source.path).text()).toBe(session.toJsonl());
    await at.over(closing);
  });

  test("wait in a file until the server is there, for the next start", async () => {
    await using at = await liveBench();
    const session = turn();
    at.fail("drop");
    const { live } = at.start(spoolOf(at, session));
    await at.clock.until(() => live.state.phase === "offline");
    await at.over(live.flush(100));
    await at.over(live.close());
    expect(spooled(at)).toHaveLength(1);
    at.fail(undefined);
    const next = at.start(new SessionBuilder({ id: "019e742e-9d84-7578-90d7-000000000000" }));
    await at.delivered(session);
    await at.clock.until(() => next.live.state.elsewhere === 0);
    await at.caughtUp();
    expect(spooled(at)).toEqual([]);
  });
});

/** A session of its own. */
function named(index: number): SessionBuilder {
  const session = new SessionBuilder({ id: `019e742e-9d84-7578-90d7-00000000000${index}` });
  session.user(`prompt of ${index}`);
  return session;
}
