import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "../../../lib/sync/journal.ts";
import { cursor, manualClock, offsetsOf, segmentsOf } from "../../support/journal.ts";
import { tempDir } from "../../support/temp.ts";

describe("damage", () => {
  test("changed bytes lose no record but those that they touch", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        (changes) => {
          const { path, file, content, ends } = sample(dir.path, clock);
          const touched = new Set<number>();
          for (const [at, bits] of changes) {
            const index = at % content.length;
            content[index]! ^= bits;
            touched.add(ends.findIndex((end) => index < end));
          }
          writeFileSync(file, content);
          expectWithout(path, clock, touched);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a cut segment loses no record before the cut", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (at, isAppendedTo) => {
        const { path, file, content, ends } = sample(dir.path, clock);
        const cut = at % content.length;
        writeFileSync(file, content.subarray(0, cut));
        const lost = new Set([...ends.keys()].filter((index) => cut < ends[index]!));
        // A whole line after a torn one, as after a full disk.
        if (isAppendedTo) appendFileSync(file, content.subarray(ends.at(-2)));
        if (isAppendedTo) lost.delete(ends.length - 1);
        expectWithout(path, clock, lost);
      }),
      { numRuns: 200 },
    );
  });

  test("bytes of any kind are passed over", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { path, file, content, ends } = sample(dir.path, clock);
        writeFileSync(file, Buffer.concat([content, bytes, Buffer.from("\n"), content]));
        expectWithout(path, clock, new Set());
        expect(ends.length).toBe(6);
      }),
      { numRuns: 100 },
    );
  });

  test("a long stretch without a line end is passed over", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const { path, file, content } = sample(dir.path, clock);
    writeFileSync(file, Buffer.concat([Buffer.alloc(9_000_000), content]));
    expectWithout(path, clock, new Set());
  });
});

/** A journal of six records in one segment, with the byte where each ends. */
function sample(
  parent: string,
  clock: { now(): number },
): { path: string; file: string; content: Buffer; ends: number[] } {
  const path = join(parent, crypto.randomUUID());
  const journal = openJournal(path, clock);
  const ends: number[] = [];
  for (let index = 0; index < 6; index++) {
    journal.put(cursor(`päth-${index}`, { offset: index * 1000, state: { title: "ü😀" } }));
    ends.push(statSync(join(path, segmentsOf(path)[0]!)).size);
  }
  journal.close();
  const file = join(path, segmentsOf(path)[0]!);
  return { path, file, content: readFileSync(file), ends };
}

/** The sample holds every record as it was, but for the lost ones, which are gone or as they were. */
function expectWithout(path: string, clock: { now(): number }, lost: Set<number>): void {
  const offsets = offsetsOf(openJournal(path, clock));
  for (let index = 0; index < 6; index++) {
    const offset = offsets[`päth-${index}`];
    if (offset !== undefined || !lost.has(index)) expect(offset).toBe(index * 1000);
  }
  expect(Object.keys(offsets).length).toBeLessThanOrEqual(6);
}

test("a damaged state is no state, and the record holds otherwise", async () => {
  await using dir = await tempDir();
  const clock = manualClock();
  const { path, file, content } = sample(dir.path, clock);
  const at = content.lastIndexOf('"title"');
  content[at + 2]! ^= 1;
  writeFileSync(file, content);
  const record = openJournal(path, clock).get("päth-5");
  expect(record?.offset).toBe(5000);
  expect(record?.state).toBeUndefined();
});
