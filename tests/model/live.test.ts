import { expect, test } from "bun:test";
import fc from "fast-check";

import type { Gate } from "../../lib/live/state.ts";
import { liveBench, toldOf } from "../lib/live/support.ts";
import type { LiveBench, Opened } from "../lib/live/support.ts";
import type { Fault } from "../support/faulty-proxy.ts";
import { SessionBuilder, usage } from "../support/session.ts";

const runs = Math.ceil(Number(process.env["PI_OPENSYNC_TEST_RUNS"] ?? 40) / 4);

/** Longer than tokens and cost wait for. */
const quietMs = 4000;

/** What people, machines and networks do meanwhile. */
class World {
  readonly at: LiveBench;
  readonly sessions = [1, 2].map(
    (index) => new SessionBuilder({ id: `019e742e-9d84-7578-90d7-00000000000${index}` }),
  );
  current: SessionBuilder = this.sessions[0]!;
  opened: Opened;
  readonly others: Opened[] = [];

  constructor(at: LiveBench) {
    this.at = at;
    this.opened = at.start(this.current);
  }

  open(index: number): void {
    this.current = this.sessions[index]!;
    this.opened = this.at.start(this.current);
  }

  /** What is not on the server when a session ends well is marked. */
  async expectMarked(session: SessionBuilder, gate: Gate): Promise<void> {
    if (gate === "off" || (await this.at.read(session)).length === toldOf(session).length) return;
    expect(this.at.markFiles()).not.toEqual([]);
  }
}

type Step = (world: World) => Promise<void> | void;

/** A step that failing runs can name. */
function step(name: string, run: Step): Step {
  return Object.assign(run, { [fc.toStringMethod]: () => name });
}

const faults: (Fault | undefined)[] = [
  undefined,
  "drop",
  "lose-answer",
  "cut-answer",
  "stall",
  "500",
  "429",
  "page",
];

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()).map(([turns, nudges]) =>
      step(`write ${turns}${nudges ? " and nudge" : ""}`, async ({ at, current, opened }) => {
        for (let turn = 0; turn < turns; turn++) {
          current.user(`prompt ${current.entries.length}`);
          current.assistant(`answer ${current.entries.length}`, { usage: usage(10, 1) });
        }
        await at.write(current);
        if (nudges) opened.live.nudge();
      }),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom(0, 20, 100, 1000, 5000).map((ms) =>
      step(`wait ${ms}`, async ({ at }) => {
        for (let passed = 0; passed < ms; passed += 50) {
          await at.clock.advance(50);
          await Bun.sleep(1);
        }
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(...faults)
      .map((fault) => step(`fault ${fault}`, ({ at }) => at.fail(fault))),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<Gate>("open", "open", "paused", "off")
      .map((gate) => step(`gate ${gate}`, ({ opened }) => opened.live.setGate(gate))),
  },
  fc.boolean().map((isBusy) => step(`busy ${isBusy}`, ({ opened }) => opened.live.setBusy(isBusy))),
  fc.constant(step("sync", ({ opened }) => void opened.live.sync())),
  fc.nat({ max: 1 }).map((next) =>
    step(`close, open ${next}`, async (world) => {
      const { at, opened, current } = world;
      await at.over(opened.live.close());
      await world.expectMarked(current, opened.live.state.gate);
      world.open(next);
    }),
  ),
  fc.nat({ max: 1 }).map((next) =>
    step(`flush, open ${next}`, async (world) => {
      const { at, opened, current } = world;
      await at.over(opened.live.flush(50));
      await world.expectMarked(current, opened.live.state.gate);
      world.open(next);
    }),
  ),
  fc.nat({ max: 1 }).map((next) =>
    step(`kill, open ${next}`, (world) => {
      world.opened.kill();
      world.open(next);
    }),
  ),
  fc.nat({ max: 1 }).map((next) =>
    step(`open ${next} as well`, (world) => {
      world.others.push(world.opened);
      world.open(next);
    }),
  ),
);

// Suspicion: a race of rounds, ends, marks and gates loses a message, doubles it, or leaves a mark
// that nobody takes away.
test(`whatever happens meanwhile, the server has all of it once after a quiet time (${runs} runs)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 3, maxLength: 25 }), async (path) => {
      await using at = await liveBench();
      const world = new World(at);
      for (const run of path) await run(world);
      at.fail(undefined);
      for (const { live } of [world.opened, ...world.others]) await at.over(live.close());
      for (const session of world.sessions) {
        const { live } = at.start(session);
        const begun = at.clock.now();
        await at.delivered(session);
        await at.clock.until(() => at.clock.now() - begun > quietMs, 50);
        await at.caughtUp();
        await at.over(live.close());
      }
      expect(at.markFiles()).toEqual([]);
      for (const { header, entries } of world.sessions) {
        const id = `pi:${header.id}`;
        const stored = (await at.opensync.read([id])).get(id)?.session;
        expect(stored?.promptTokens ?? 0).toBe(entries.length * 5);
      }
    }),
    { numRuns: runs },
  );
}, 60_000);
