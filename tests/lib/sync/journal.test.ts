import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isUnchanged, openJournal } from "../../../lib/sync/journal.ts";
import type { CursorRecord } from "../../../lib/sync/journal.ts";
import { cursor, manualClock, offsetsOf, segmentsOf } from "../../support/journal.ts";
import { tempDir } from "../../support/temp.ts";

describe("records", () => {
  test("a record is there again after opening anew, whatever its strings and state", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constant("a\t\n\r\\\ud800"),
    );
    const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    const anyRecord = fc.record({
      path: text,
      session: text,
      generation: count,
      offset: count,
      size: count,
      mtimeMs: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
      state: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(anyRecord, { selector: (r) => r.path, maxLength: 8 }), (all) => {
        const path = join(dir.path, crypto.randomUUID());
        const journal = openJournal(path, clock);
        for (const each of all) journal.put(each);
        journal.close();
        const again = openJournal(path, clock);
        for (const each of all) {
          const normal = JSON.parse(JSON.stringify(each)) as CursorRecord;
          expect(copyOf(again.get(each.path)!)).toEqual({
            ...normal,
            path: each.path,
            session: each.session,
          });
        }
        expect([...again.records()].length).toBe(all.length);
      }),
      { numRuns: 60 },
    );
  });

  test("a cursor never moves back", async () => {
    await using dir = await tempDir();
    const journal = openJournal(dir.path, manualClock());
    journal.put(cursor("a", { offset: 10 }));
    journal.put(cursor("a", { offset: 9 }));
    expect(journal.get("a")?.offset).toBe(10);
    journal.put(cursor("a", { generation: 1, offset: 3 }));
    journal.put(cursor("a", { offset: 99 }));
    for (const each of [journal, openJournal(dir.path, manualClock())]) {
      expect(each.get("a")).toMatchObject({ generation: 1, offset: 3 });
    }
  });

  test("at the same place the later record holds", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const first = openJournal(dir.path, clock);
    const second = openJournal(dir.path, clock);
    for (let mtimeMs = 20; mtimeMs > 0; mtimeMs--) {
      const [writer, other] = mtimeMs % 2 === 0 ? [first, second] : [second, first];
      writer.put(cursor("a", { offset: 10, mtimeMs }));
      other.refresh();
      for (const each of [writer, other, openJournal(dir.path, clock)]) {
        expect(each.get("a")?.mtimeMs).toBe(mtimeMs);
      }
    }
  });

  test("records are found by their session, also new ones and moved files", async () => {
    await using dir = await tempDir();
    const journal = openJournal(dir.path, manualClock());
    const pathsOf = (session: string): string[] =>
      journal.findBySession(session).map(({ path }) => path);
    journal.put(cursor("a", { session: "one" }));
    expect(pathsOf("one")).toEqual(["a"]);
    expect(pathsOf("two")).toEqual([]);
    journal.put(cursor("b", { session: "one" }));
    expect(pathsOf("one")).toEqual(["a", "b"]);
    journal.put(cursor("a", { session: "two", generation: 1 }));
    expect(pathsOf("one")).toEqual(["b"]);
    expect(pathsOf("two")).toEqual(["a"]);
    openJournal(dir.path, manualClock()).put(cursor("c", { session: "two" }));
    journal.refresh();
    expect(pathsOf("two")).toEqual(["a", "c"]);
  });

  test("a file with the same size and time is unchanged", () => {
    const known = cursor("a", { size: 7, mtimeMs: 1.5 });
    expect(isUnchanged(known, 7, 1.5)).toBe(true);
    expect(isUnchanged(known, 8, 1.5)).toBe(false);
    expect(isUnchanged(known, 7, 1.25)).toBe(false);
  });

  test("a cursor that is no whole number is refused", async () => {
    await using dir = await tempDir();
    const journal = openJournal(dir.path, manualClock());
    for (const offset of [Number.NaN, -1, 0.5]) {
      expect(() => journal.put(cursor("a", { offset }))).toThrow("whole numbers");
    }
  });
});

describe("folder", () => {
  test("opening and reading write nothing", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "new");
    const journal = openJournal(path, manualClock());
    expect(journal.get("a")).toBeUndefined();
    journal.compact();
    journal.close();
    expect(readdirSync(dir.path)).toEqual([]);
  });

  test.skipIf(process.platform === "win32")("only its owner can read it", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "deep", "journal");
    const journal = openJournal(path, manualClock());
    journal.put(cursor("a"));
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, segmentsOf(path)[0]!)).mode & 0o777).toBe(0o600);
  });

  test("a file in place of the folder is an error that says what to do", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "file");
    const journal = openJournal(path, manualClock());
    writeFileSync(path, "");
    expect(() => journal.put(cursor("a"))).toThrow(`Could not write to the cursors in ${path}`);
    expect(() => openJournal(path, manualClock())).toThrow(`Could not read the cursors in ${path}`);
  });

  test("other files in it are left alone", async () => {
    await using dir = await tempDir();
    writeFileSync(join(dir.path, "notes.txt"), "x");
    await mkdir(join(dir.path, "0-abc.v1.log"));
    const journal = openJournal(dir.path, manualClock());
    journal.put(cursor("a"));
    expect(openJournal(dir.path, manualClock()).get("a")).toBeDefined();
    expect(segmentsOf(dir.path)).toContain("notes.txt");
  });

  test("it may be removed while it is used", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "journal");
    const journal = openJournal(path, manualClock());
    journal.put(cursor("a"));
    await rm(path, { recursive: true });
    journal.refresh();
    journal.put(cursor("b"));
    expect(offsetsOf(openJournal(path, manualClock()))).toEqual({ b: 0 });
  });
});

/** A record with all its fields, which the journal decodes when they are read. */
function copyOf(record: CursorRecord): CursorRecord {
  const { path, session, generation, offset, size, mtimeMs, state } = record;
  return { path, session, generation, offset, size, mtimeMs, state };
}

describe("the last success", () => {
  const session = (changes: Partial<CursorRecord> = {}): CursorRecord =>
    cursor("/a.jsonl", { session: "pi:a", size: 10, ...changes });

  test("is when a process last found all of a session acknowledged", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const journal = openJournal(dir.path, clock);
    expect(journal.lastSuccessAt()).toBeUndefined();
    // A file without a session never reached the server.
    journal.put(cursor("/empty.jsonl", { session: "", size: 10 }));
    journal.put(session({ size: 0 }));
    expect(journal.lastSuccessAt()).toBeUndefined();
    journal.put(session());
    const time = clock.now();
    clock.advance(1000);
    expect(journal.lastSuccessAt()).toBe(time);
    journal.close();
    expect(openJournal(dir.path, clock).lastSuccessAt()).toBe(time);
  });

  test("outlasts attempts that fail, and a compaction", async () => {
    await using dir = await tempDir();
    const clock = manualClock();
    const journal = openJournal(dir.path, clock);
    journal.put(session());
    const time = clock.now();
    for (let attempt = 0; attempt < 10; attempt++) {
      clock.advance(60 * 60 * 1000);
      journal.put(session({ size: 0 }));
    }
    expect(journal.lastSuccessAt()).toBe(time);
    const before = segmentsOf(dir.path);
    journal.compact();
    expect(segmentsOf(dir.path)).not.toEqual(before);
    expect(openJournal(dir.path, clock).lastSuccessAt()).toBe(time);
  });
});
