// Takes the lock: `hold` until it is killed, `count` to add one to a number so many times.
import { readFile, writeFile } from "node:fs/promises";

import { LockedError, withSettingsLock } from "../../../lib/settings/lock.ts";
import { systemClock } from "../../../lib/platform/clock.ts";

const [path = "", work = "", times = "0", counter = ""] = process.argv.slice(2);
const place = { path, host: "here", what: work, clock: systemClock };

if (work === "hold") {
  await withSettingsLock(place, () => {
    console.log("held");
    return new Promise(() => setInterval(() => {}, 1000));
  });
}
for (let done = 0; done < Number(times);) {
  try {
    await withSettingsLock(place, async () => {
      const count = Number(await readFile(counter, "utf8"));
      await Bun.sleep(1);
      await writeFile(counter, String(count + 1));
    });
    done++;
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    await Bun.sleep(1 + Math.random() * 5);
  }
}
