import { describe, expect, test } from "bun:test";
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "../../../lib/sync/journal.ts";
import { cursor, manualClock, offsetsOf, segmentsOf } from "../../support/journal.ts";
import { tempDir } from "../../support/temp.ts";

const hourMs = 60 * 60 * 1000;

describe("reading", () => {
  test("a refresh takes in what others appended, and only that", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const [one, two] = [openJournal(dir.path, clock), openJournal(dir.path, clock)];
    one.put(cursor("a", { offset: 1 }));
    expect(two.get("a")).toBeUndefined();
    two.refresh();
    two.put(cursor("b", { offset: 2 }));
    one.put(cursor("a", { offset: 3 }));
    one.refresh();
    two.refresh();
    expect(offsetsOf(one)).toEqual({ a: 3, b: 2 });
    expect(offsetsOf(two)).toEqual({ a: 3, b: 2 });
    expect(segmentsOf(dir.path).length).toBe(2);
  });

  test("a line that is not finished is read when it is", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const writer = openJournal(dir.path, clock);
    writer.put(cursor("a"));
    const [name] = segmentsOf(dir.path);
    const whole = readFileSync(join(dir.path, name!));
    writeFileSync(join(dir.path, name!), whole.subarray(0, 30));
    const reader = openJournal(dir.path, clock);
    expect(reader.get("a")).toBeUndefined();
    appendFileSync(join(dir.path, name!), whole.subarray(30));
    reader.refresh();
    expect(reader.get("a")).toBeDefined();
  });

  test("a segment larger than a piece is read to its end", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const writer = openJournal(dir.path, clock);
    const state = "ä€😀".repeat(8_000);
    for (let index = 0; index < 20; index++) writer.put(cursor(`${index}`, { state }));
    const reader = openJournal(dir.path, clock);
    for (let index = 0; index < 20; index++) expect(reader.get(`${index}`)?.state).toBe(state);
  });
});

describe("compaction", () => {
  test("finished segments become one with the same join", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    for (let index = 0; index < 12; index++) {
      const journal = openJournal(dir.path, clock);
      journal.put(cursor("same", { offset: index }));
      journal.put(cursor(`own-${index}`, { offset: index }));
      journal.close();
    }
    const before = offsetsOf(openJournal(dir.path, clock));
    clock.advance(2 * hourMs + 1);
    const journal = openJournal(dir.path, clock);
    journal.compact();
    expect(segmentsOf(dir.path).length).toBe(1);
    expect(offsetsOf(openJournal(dir.path, clock))).toEqual(before);
    journal.put(cursor("same", { offset: 50 }));
    expect(openJournal(dir.path, clock).get("same")?.offset).toBe(50);
  });

  test("segments that may still be written to are left alone", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const journals = Array.from({ length: 12 }, () => openJournal(dir.path, clock));
    for (const [index, each] of journals.entries()) each.put(cursor(`${index}`));
    const before = segmentsOf(dir.path);
    clock.advance(2 * hourMs);
    openJournal(dir.path, clock).compact();
    expect(segmentsOf(dir.path)).toEqual(before);
  });

  test("a writer leaves its segment long before others count it as finished", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const journal = openJournal(dir.path, clock);
    journal.put(cursor("a"));
    clock.advance(hourMs - 1);
    journal.put(cursor("b"));
    expect(segmentsOf(dir.path).length).toBe(1);
    clock.advance(1);
    journal.put(cursor("c"));
    expect(segmentsOf(dir.path).length).toBe(2);
    clock.advance(-2 * hourMs);
    journal.put(cursor("d"));
    expect(segmentsOf(dir.path).length).toBe(3);
  });

  test("a writer compacts its own segment when it is mostly out of date", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const journal = openJournal(dir.path, clock);
    const state = "x".repeat(10_000);
    for (let offset = 0; offset < 300; offset++) journal.put(cursor("a", { offset, state }));
    journal.compact();
    const sizes = segmentsOf(dir.path).map((name) => statSync(join(dir.path, name)).size);
    expect(sizes.length).toBe(1);
    expect(sizes[0]).toBeLessThan(11_000);
    journal.put(cursor("a", { offset: 300 }));
    expect(openJournal(dir.path, clock).get("a")?.offset).toBe(300);
  });

  test("it does nothing where it saves little", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const journal = openJournal(dir.path, clock);
    for (let index = 0; index < 100; index++) journal.put(cursor(`${index}`));
    const before = segmentsOf(dir.path);
    journal.compact();
    expect(segmentsOf(dir.path)).toEqual(before);
  });

  test("it removes what a crashed one left, not what one is writing", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    writeFileSync(join(dir.path, `${clock.now() - 3 * hourMs}-aa.v1.tmp`), "x");
    writeFileSync(join(dir.path, `${clock.now()}-bb.v1.tmp`), "x");
    for (let index = 0; index < 12; index++) {
      writeFileSync(join(dir.path, `1-${index}.v1.log`), "");
    }
    openJournal(dir.path, clock).compact();
    const left = segmentsOf(dir.path).filter((name) => name.endsWith(".tmp"));
    expect(left).toEqual([`${clock.now()}-bb.v1.tmp`]);
  });
});
