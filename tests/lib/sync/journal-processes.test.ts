import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { openJournal } from "../../../lib/sync/journal.ts";
import { tempDir } from "../../support/temp.ts";

const workerPath = Bun.fileURLToPath(import.meta.resolve("../../fixtures/journal-worker.ts"));
const fastClock = { now: () => Date.now() * 7200 };

describe("processes", () => {
  for (const writers of [2, 4]) {
    test(`${writers} writers and two compactors lose no cursor and move none back`, async () => {
      await using dir = await tempDir();
      const until = Date.now() + 2200;
      const spawn = (mode: string, id: string) =>
        Bun.spawn([process.execPath, workerPath, dir.path, mode, id, String(until)], {
          stderr: "inherit",
        });
      const ids = Array.from({ length: writers }, (_, index) => `w${index}`);
      const writing = ids.map((id) => spawn("write", id));
      const compacting = [spawn("compact", "c0"), spawn("compact", "c1")];

      const compacted = await watchMonotone(dir.path, until);
      const last = await Promise.all(
        writing.map(async (each) => Number(await new Response(each.stdout).text())),
      );
      for (const each of [...writing, ...compacting]) expect(await each.exited).toBe(0);

      const journal = openJournal(dir.path, fastClock);
      for (const [index, id] of ids.entries()) {
        for (let key = 0; key < 10; key++) {
          expect(journal.get(`own-${id}-${key}`)?.offset).toBe(last[index]);
        }
      }
      for (let key = 0; key < 10; key++) {
        expect(journal.get(`shared-${key}`)?.offset).toBe(Math.max(...last));
      }
      expect(Math.min(...last)).toBeGreaterThan(20);
      expect(compacted).toBeGreaterThan(1);
    });
  }

  test("kill -9 at any moment loses nothing that was put", async () => {
    await using dir = await tempDir();
    let least = 0;
    for (let round = 0; round < 16; round++) {
      const until = String(Date.now() + 10_000);
      const worker = Bun.spawn([process.execPath, workerPath, dir.path, "crash", "k", until]);
      const output = new Response(worker.stdout).text();
      await Bun.sleep(60 + round * 11);
      worker.kill("SIGKILL");
      await worker.exited;
      const printed = (await output).split("\n").slice(0, -1);
      least = Math.max(least, Number(printed.at(-1) ?? 0));
      const journal = openJournal(dir.path, fastClock);
      if (least === 0) continue;
      for (let key = 0; key < 200; key++) {
        expect(journal.get(`crash-${key}`)?.offset).toBeGreaterThanOrEqual(least);
      }
      least = journal.get("crash-199")!.offset;
    }
    expect(least).toBeGreaterThan(16);
  });
});

/** Reads the journal again and again, refreshed and anew; returns how many compactions it saw. */
async function watchMonotone(dir: string, until: number): Promise<number> {
  const greatest = new Map<string, number>();
  const compactions = new Set<string>();
  const lasting = openJournal(dir, fastClock);
  while (Date.now() < until) {
    lasting.refresh();
    for (const journal of [lasting, openJournal(dir, fastClock)]) {
      const missing = new Set(greatest.keys());
      for (const { path, offset } of journal.records()) {
        missing.delete(path);
        expect(offset).toBeGreaterThanOrEqual(greatest.get(path) ?? 0);
        greatest.set(path, offset);
      }
      expect([...missing]).toEqual([]);
      if (journal === lasting) lasting.refresh();
    }
    for (const name of readdirSync(dir)) if (name.startsWith("0-")) compactions.add(name);
    await Bun.sleep(5);
  }
  return compactions.size;
}
