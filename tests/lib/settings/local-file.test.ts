import { expect, test } from "bun:test";
import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { readWhole } from "../../../lib/settings/local-file.ts";
import { tempDir } from "../../support/temp.ts";

const bytes = 1024 * 1024;

test("a file that changes while it is read is read again", async () => {
  await using dir = await tempDir();
  const place = join(dir.path, "a");
  await writeFile(place, Buffer.alloc(bytes, "a"));
  let pauses = 0;
  const file = await readWhole(place, async () => {
    if (++pauses === 1) await writeFile(place, Buffer.alloc(bytes, "b"));
  });
  expect(file).toMatchObject({ content: new Uint8Array(Buffer.alloc(bytes, "b")) });
  expect(pauses).toBeGreaterThan(1);
});

test("a file that shrinks or grows meanwhile is read again", async () => {
  for (const after of [bytes / 4, bytes * 2]) {
    await using dir = await tempDir();
    const place = join(dir.path, "a");
    await writeFile(place, Buffer.alloc(bytes));
    let pauses = 0;
    const file = await readWhole(place, async () => {
      if (++pauses === 1) await writeFile(place, Buffer.alloc(after));
    });
    expect(file).toMatchObject({ content: { length: after }, stats: { size: after } });
  }
});

test("a file that changes all the time is left out", async () => {
  await using dir = await tempDir();
  const place = join(dir.path, "a");
  await writeFile(place, Buffer.alloc(bytes));
  let size = bytes;
  const file = await readWhole(place, () => writeFile(place, Buffer.alloc(++size)));
  expect(file).toEqual({ reason: "it changes all the time" });
});

test("a file that goes meanwhile is not there", async () => {
  await using dir = await tempDir();
  const place = join(dir.path, "a");
  await writeFile(place, Buffer.alloc(bytes));
  let pauses = 0;
  const reading = readWhole(place, async () => {
    await (++pauses === 1
      ? writeFile(place, Buffer.alloc(bytes, "b"))
      : rm(place, { force: true }));
  });
  expect(await reading).toBeUndefined();
});

test("a link that took the place of a file is not followed", async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, "a"), "x");
  await symlink("a", join(dir.path, "b"));
  expect(await readWhole(join(dir.path, "b"), async () => {})).toMatchObject({
    reason: expect.any(String),
  });
});
