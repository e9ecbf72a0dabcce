import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, rmdir, utimes } from "node:fs/promises";

import { withFileLock } from "../../../lib/platform/file-lock.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import type { Clock } from "../../../lib/platform/clock.ts";
import { piHome } from "../pi/support.ts";

/** A clock of which sleeps take no time. */
function fastClock(): Clock {
  let now = Date.now();
  return { now: () => now, random: () => 0, sleep: (ms) => Promise.resolve(void (now += ms)) };
}

/** Runs a script in Node with pi's own locks at hand. */
async function withFileLocks(script: string): Promise<string> {
  const child = Bun.spawn(["node", "-e", `const lockfile = require("proper-lockfile");${script}`], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await child.stdout.text();
  await child.exited;
  return output;
}

describe("pi's lock", () => {
  test("keeps pi out while it is held, and lets it in afterwards", async () => {
    await using home = await piHome();
    const path = JSON.stringify(await home.writeSettings({}));
    const take = `try { lockfile.lockSync(${path}, { realpath: false })(); console.log("taken") }
      catch (error) { console.log(error.code) }`;
    const during = await withFileLock(home.settingsPath, systemClock, () => withFileLocks(take));
    expect([during, await withFileLocks(take)]).toEqual(["ELOCKED\n", "taken\n"]);
  });

  test("waits while pi holds it", async () => {
    await using home = await piHome();
    const path = JSON.stringify(await home.writeSettings({}));
    const holder = withFileLocks(`const release = lockfile.lockSync(${path}, { realpath: false });
      setTimeout(() => { console.log(Date.now()); release(); }, 400)`);
    while (!existsSync(`${home.settingsPath}.lock`)) await Bun.sleep(5);
    const takenAt = await withFileLock(home.settingsPath, systemClock, async () => Date.now());
    expect(takenAt).toBeGreaterThanOrEqual(Number(await holder));
  });

  test("takes over what nobody has held for ten seconds", async () => {
    await using home = await piHome();
    await home.writeSettings({});
    const lockPath = `${home.settingsPath}.lock`;
    await mkdir(lockPath);
    const old = new Date(Date.now() - 11_000);
    await utimes(lockPath, old, old);
    expect(await withFileLock(home.settingsPath, systemClock, async () => "done")).toBe("done");
    expect(existsSync(lockPath)).toBe(false);
  });

  test("is given up where somebody goes on holding it", async () => {
    await using home = await piHome();
    await home.writeSettings({});
    const lockPath = `${home.settingsPath}.lock`;
    await mkdir(lockPath);
    const later = new Date(Date.now() + 60_000);
    await utimes(lockPath, later, later);
    const taking = withFileLock(home.settingsPath, fastClock(), async () => "done");
    expect(taking).rejects.toThrow("is in use by another program");
    await taking.catch(() => {});
    expect(existsSync(lockPath)).toBe(true);
  });

  test("that was taken over is not confirmed, and is left to the one who has it", async () => {
    await using home = await piHome();
    await home.writeSettings({});
    const lockPath = `${home.settingsPath}.lock`;
    const working = withFileLock(home.settingsPath, systemClock, async (lock) => {
      await lock.confirm();
      await rmdir(lockPath);
      await mkdir(lockPath);
      const other = new Date(Date.now() + 1000);
      await utimes(lockPath, other, other);
      await lock.confirm();
    });
    expect(working).rejects.toThrow("was taken by another program");
    await working.catch(() => {});
    expect(existsSync(lockPath)).toBe(true);
  });

  test("is released where the work fails", async () => {
    await using home = await piHome();
    await home.writeSettings({});
    const failing = withFileLock(home.settingsPath, systemClock, () =>
      Promise.reject(new Error("no")),
    );
    expect(failing).rejects.toThrow("no");
    await failing.catch(() => {});
    expect(existsSync(`${home.settingsPath}.lock`)).toBe(false);
  });
});
