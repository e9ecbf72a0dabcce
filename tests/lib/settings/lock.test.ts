import { describe, expect, test } from "bun:test";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { LockedError, readLock, removeLock, withSettingsLock } from "../../../lib/settings/lock.ts";
import type { LockHolder, LockPlace } from "../../../lib/settings/lock.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import { tempDir } from "../../support/temp.ts";

const script = fileURLToPath(import.meta.resolve("./use-lock.ts"));

interface LockHome extends AsyncDisposable {
  place: LockPlace & { what: string };
  /** Lets a process take the lock, and waits until it has it. */
  hold(): Promise<Bun.Subprocess>;
  /** The same, and kills it then. */
  leave(): Promise<void>;
  /** Writes a lock by hand. */
  write(holder: Partial<LockHolder> | string): Promise<void>;
}

async function lockHome(): Promise<LockHome> {
  const dir = await tempDir();
  const path = join(dir.path, "state/lock.json");
  const holders: Bun.Subprocess[] = [];
  const home: LockHome = {
    place: { path, host: "here", what: "push", clock: systemClock },
    async hold() {
      const child = Bun.spawn([process.execPath, script, path, "hold"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      holders.push(child);
      const { value } = await child.stdout.getReader().read();
      expect(new TextDecoder().decode(value)).toBe("held\n");
      return child;
    },
    async leave() {
      const child = await home.hold();
      child.kill("SIGKILL");
      await child.exited;
    },
    async write(holder) {
      await mkdir(dirname(path), { recursive: true });
      const whole = { id: "x", processId: 1, host: "here", what: "pull", startedAt: "2026-01-01" };
      const text = typeof holder === "string" ? holder : JSON.stringify({ ...whole, ...holder });
      await writeFile(path, text);
    },
    async [Symbol.asyncDispose]() {
      for (const child of holders) child.kill("SIGKILL");
      await dir[Symbol.asyncDispose]();
    },
  };
  return home;
}

/** The error that something is refused with. */
async function refusal(work: Promise<unknown>): Promise<LockedError> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(LockedError);
  return error as LockedError;
}

describe("the lock", () => {
  test("is held during the work, says by whom, and is gone afterwards", async () => {
    await using home = await lockHome();
    const holder = await withSettingsLock(home.place, () => readLock(home.place.path));
    expect(holder).toMatchObject({ processId: process.pid, host: "here", what: "push" });
    expect(Date.now() - Date.parse(holder!.startedAt)).toBeLessThan(10_000);
    expect(await readdir(dirname(home.place.path))).toEqual([]);
    expect(await readLock(home.place.path)).toBeUndefined();
  });

  test("is gone where the work fails", async () => {
    await using home = await lockHome();
    const work = withSettingsLock(home.place, () => Promise.reject(new Error("no")));
    expect(await work.catch(String)).toContain("no");
    expect(await readLock(home.place.path)).toBeUndefined();
  });

  test("that is another's by the end of the work is left to them", async () => {
    await using home = await lockHome();
    await withSettingsLock(home.place, () => home.write({ id: "other" }));
    expect((await readLock(home.place.path))?.id).toBe("other");
  });

  test("keeps this process out as well, and another one, and says who has it", async () => {
    await using home = await lockHome();
    await withSettingsLock(home.place, async () => {
      const { message } = await refusal(withSettingsLock(home.place, async () => {}));
      expect(message).toContain(`by process ${process.pid} on here: push, since `);
    });
    const child = await home.hold();
    const error = await refusal(withSettingsLock(home.place, async () => {}));
    expect(error.holder).toMatchObject({ processId: child.pid, what: "hold" });
    expect(error.code).toBe("io");
  });

  test("of a process that was killed is taken over", async () => {
    await using home = await lockHome();
    await home.leave();
    expect(await readLock(home.place.path)).toBeDefined();
    expect(await withSettingsLock(home.place, async () => "done")).toBe("done");
  });

  test("of another machine is not taken over, nor one that can't be read", async () => {
    await using home = await lockHome();
    await home.write({ host: "elsewhere", processId: 999_999_999 });
    const { message, hint } = await refusal(withSettingsLock(home.place, async () => {}));
    expect([message, hint]).toEqual([
      expect.stringContaining("on elsewhere"),
      expect.stringContaining("unlock --stale"),
    ]);
    for (const text of ["", "{", "[]", '{"id":"x","processId":0,"host":"here"}']) {
      await home.write(text);
      await refusal(withSettingsLock(home.place, async () => {}));
      expect(await readFile(home.place.path, "utf8")).toBe(text);
    }
  });

  test("is one process's at a time, also where all find one that was left", async () => {
    await using home = await lockHome();
    await home.leave();
    const counter = join(dirname(home.place.path), "counter");
    await writeFile(counter, "0");
    const children = Array.from({ length: 8 }, () =>
      Bun.spawn([process.execPath, script, home.place.path, "count", "10", counter], {
        stdio: ["ignore", "inherit", "inherit"],
      }),
    );
    expect(await Promise.all(children.map(({ exited }) => exited))).toEqual(children.map(() => 0));
    expect(await readFile(counter, "utf8")).toBe("80");
    expect(await readdir(dirname(home.place.path))).toEqual(["counter"]);
  });

  test("that was left is taken over by one of those who come at once", async () => {
    await using home = await lockHome();
    for (let round = 0; round < 8; round++) {
      await home.write({ processId: 999_999_999 });
      let holding = 0;
      const takers = Array.from({ length: 6 }, () =>
        withSettingsLock(home.place, async () => {
          expect(++holding).toBe(1);
          await Bun.sleep(2);
          holding--;
        }).catch((error: unknown) => expect(error).toBeInstanceOf(LockedError)),
      );
      await Promise.all(takers);
      expect(await readLock(home.place.path)).toBeUndefined();
    }
  });
});

describe("unlock", () => {
  const here = { isForced: false };
  const forced = { isForced: true };

  test("has nothing to do without a lock", async () => {
    await using home = await lockHome();
    await mkdir(dirname(home.place.path));
    expect(await removeLock(home.place, here)).toBeUndefined();
  });

  test("works where nothing was ever synced", async () => {
    await using home = await lockHome();
    expect(await removeLock(home.place, here)).toBeUndefined();
  });

  test("removes what a process left, and says whose it was", async () => {
    await using home = await lockHome();
    await home.leave();
    expect(await removeLock(home.place, here)).toMatchObject({ what: "hold" });
    expect(await readLock(home.place.path)).toBeUndefined();
  });

  test("never removes one of a process that runs here", async () => {
    await using home = await lockHome();
    const child = await home.hold();
    await refusal(removeLock(home.place, here));
    await refusal(removeLock(home.place, forced));
    expect(await readLock(home.place.path)).toMatchObject({ processId: child.pid });
  });

  test.each([{ host: "elsewhere" }, "not JSON"])("removes %j only by force", async (lock) => {
    await using home = await lockHome();
    await home.write(lock);
    await refusal(removeLock(home.place, here));
    expect(await removeLock(home.place, forced)).toBeDefined();
    expect(await readLock(home.place.path)).toBeUndefined();
  });
});
