import { test } from "bun:test";
import fc from "fast-check";

import { openWorld } from "../support/settings-world.ts";
import type { Happening } from "../support/settings-world.ts";

const runs = Number(process.env["PI_OPENSYNC_TEST_RUNS"] ?? 25);
const paths = ["AGENTS.md", "prompts/a.md", "prompts/b.md", "skills/x/SKILL.md", "models.json"];

const who = fc.nat({ max: 3 });
const path = fc.constantFrom(...paths, "AGENTS.md", "prompts/a.md");
const operation = fc.constantFrom("automatic", "automatic", "sync", "push", "pull");

/** Something that happens to a machine. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), who, path, atEnd: fc.boolean() }),
  fc.record({ kind: fc.constant("sync" as const), who, operation, isForced: fc.constant(false) }),
  fc.record({ kind: fc.constant("add" as const), who, path, atEnd: fc.boolean() }),
  fc.record({ kind: fc.constant("replace" as const), who, path }),
  fc.record({ kind: fc.constant("delete" as const), who, path }),
  fc.record({ kind: fc.constant("rename" as const), who, path }),
  fc.record({ kind: fc.constant("mode" as const), who, path }),
  fc.record({ kind: fc.constantFrom("pi" as const, "wipe" as const, "exclude" as const), who }),
  fc.record({
    kind: fc.constant("setting" as const),
    who,
    key: fc.constantFrom("theme", "a", "b"),
  }),
  fc.record({ kind: fc.constant("sync" as const), who, operation, isForced: fc.boolean() }),
  fc.record({
    kind: fc.constant("broken" as const),
    who,
    operation,
    afterCalls: fc.nat({ max: 8 }),
    fault: fc.constantFrom("fail-before", "fail-after", "crash-before", "crash-after"),
  }),
  fc.record({
    kind: fc.constant("crash" as const),
    who,
    operation,
    afterSteps: fc.nat({ max: 25 }),
  }),
  fc.record({
    kind: fc.constant("meanwhile" as const),
    who,
    operation,
    afterFiles: fc.nat({ max: 2 }),
  }),
  fc.record({ kind: fc.constant("race" as const), who, other: who, operation }),
  fc.record({
    kind: fc.constant("rollback" as const),
    who,
    back: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant("resolve" as const),
    who,
    side: fc.constantFrom("mine", "theirs"),
  }),
);

// Suspicion: a crash between publishing, applying and noting, a race, a merge made twice, a rename or
// a conflict makes a machine overwrite what another one wrote, or delete it, for good.
test(`whatever happens, nothing is lost, and quiet machines agree (${runs} runs)`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 4 }),
      fc.boolean(),
      fc.array(happening, { maxLength: 40 }),
      async (machines, isBegun, story) => {
        await using world = await openWorld(machines);
        if (isBegun) await world.begin(paths);
        for (const one of story) await world.happen(one);
        await world.settle();
        await world.expectAgreement();
        await world.expectNothingLost();
        await world.expectNothingReverted();
      },
    ),
    { numRuns: runs },
  );
}, 240_000);
