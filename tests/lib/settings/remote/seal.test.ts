import { describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";

import { hashContent } from "../../../../lib/settings/hash.ts";
import { generateIdentity, openSeal } from "../../../../lib/settings/remote/seal.ts";
import type { Seal } from "../../../../lib/settings/remote/seal.ts";
import { createMemoryStore } from "../../../support/memory-store.ts";
import type { MemoryStore } from "../../../support/memory-store.ts";
import {
  countOf,
  entryOf,
  mustPublish,
  openLog,
  openMemory,
  readTexts,
  root,
  signal,
  tamper,
} from "./machine.ts";

const identity = await generateIdentity();
const seal = await openSeal(identity);
const otherSeal = await openSeal(await generateIdentity());
const texts = { "skills/payroll/SKILL.md": "how we pay people", "AGENTS.md": "be kind" };

async function sealedStore(): Promise<MemoryStore> {
  const { store, log } = openMemory({}, seal);
  const state = await mustPublish(log, await log.read(undefined, signal), texts);
  await mustPublish(log, state, { "AGENTS.md": "be very kind", "notes.md": "new" });
  return store;
}

test("what was sealed is read again with the same key", async () => {
  const log = openLog(await sealedStore(), await openSeal(identity));
  const state = await log.read(undefined, signal);
  expect(await readTexts(log, state)).toEqual({
    ...texts,
    "AGENTS.md": "be very kind",
    "notes.md": "new",
  });
  expect((await log.history(state, 9, signal)).map(({ machine }) => machine)).toEqual([
    "laptop",
    "laptop",
  ]);
});

test("no name, content, hash or machine is in any byte that is stored", async () => {
  const { objects } = await sealedStore();
  const words = [
    ...Object.keys(texts),
    ...Object.values(texts),
    "payroll",
    "notes.md",
    "laptop",
    "push",
  ];
  const hashes = Object.values(texts).map((text) => hashContent(Buffer.from(text)));
  const secrets = [
    ...words,
    ...hashes,
    identity,
    ...hashes.map((hash) => Buffer.from(hash, "hex").toString("latin1")),
  ];
  for (const [key, bytes] of objects) {
    const stored = [key, Buffer.from(bytes).toString("latin1"), ...decodings(bytes)];
    for (const text of stored) {
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  }
});

/** What anybody can make of stored bytes without a key. */
function decodings(bytes: Uint8Array): string[] {
  const texts = [];
  const sealed = /"sealed":"([^"]+)"/.exec(Buffer.from(bytes).toString())?.[1];
  const inner = sealed === undefined ? bytes : Buffer.from(sealed, "base64");
  texts.push(Buffer.from(inner).toString("latin1"));
  try {
    texts.push(gunzipSync(inner).toString("latin1"));
  } catch {
    // Not compressed on the outside.
  }
  return texts;
}

describe("a key that does not fit stops everything after one request", () => {
  async function plainStore(): Promise<MemoryStore> {
    const { store, log } = openMemory();
    await mustPublish(log, await log.read(undefined, signal), texts);
    return store;
  }
  const cases: [string, () => Promise<MemoryStore>, Seal | undefined, string[]][] = [
    ["another key", sealedStore, otherSeal, [seal.fingerprint, otherSeal.fingerprint]],
    ["no key", sealedStore, undefined, [seal.fingerprint, "has none"]],
    ["a key where nothing is encrypted", plainStore, seal, ["Switch encryption off"]],
  ];
  test.each(cases)("%s", async (_, makeStore, own, words) => {
    const { objects } = await makeStore();
    const before = [...objects.keys()];
    const store = createMemoryStore({ objects });
    const error: unknown = await openLog(store, own)
      .read(undefined, signal)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "config" });
    for (const word of words) expect((error as { hint: string }).hint).toContain(word);
    expect(store.counts.requests).toBe(1);
    expect([...objects.keys()]).toEqual(before);
  });

  test("also where the log was known before the key was changed", async () => {
    const store = await sealedStore();
    const known = await openLog(store, seal).read(undefined, signal);
    for (const own of [otherSeal, undefined]) {
      const counts = await countOf(store, async () => {
        const reading = openLog(store, own).read(known, signal);
        await expect(reading).rejects.toMatchObject({ code: "config" });
      });
      expect(counts.requests).toBe(1);
    }
  });

  test("also where two machines begin at once", async () => {
    const { store, log } = openMemory({}, seal);
    const empty = await log.read(undefined, signal);
    const other = openLog(store, otherSeal);
    const alsoEmpty = await other.read(undefined, signal);
    await mustPublish(log, empty, texts);
    await expect(mustPublish(other, alsoEmpty, { x: "1" })).rejects.toMatchObject({
      code: "config",
    });
    expect([...store.objects.keys()].length).toBe(4);
  });

  test("also where profile.json is gone: each commit says its key", async () => {
    const store = await sealedStore();
    store.objects.delete(`${root}profile.json`);
    for (const own of [otherSeal, undefined]) {
      const reading = openLog(store, own).read(undefined, signal);
      await expect(reading).rejects.toMatchObject({ code: "config" });
    }
  });
});

describe("profile.json", () => {
  test.each([
    "{}",
    '{"version":2}',
    '{"version":2,"encryption":{"type":"rot13","fingerprint":"ab"}}',
    "x",
  ])("%s is refused", async (text) => {
    const { store, log } = openMemory();
    store.objects.set(`${root}profile.json`, Buffer.from(text));
    await expect(log.read(undefined, signal)).rejects.toMatchObject({ code: "refused" });
  });

  test("one by a newer version asks for an update", async () => {
    const { store, log } = openMemory();
    store.objects.set(`${root}profile.json`, Buffer.from('{"version":3}'));
    const reading = log.read(undefined, signal);
    await expect(reading).rejects.toMatchObject({ hint: expect.stringContaining("Update") });
  });
});

describe("somebody who can write to the storage", () => {
  test("can't exchange what two commits say", async () => {
    const store = await sealedStore();
    const sealed: string = JSON.parse(
      Buffer.from(store.objects.get(entryOf(1))!).toString(),
    ).sealed;
    tamper(store, entryOf(2), (entry) => ({ ...entry, sealed }));
    const reading = openLog(store, seal).read(undefined, signal);
    await expect(reading).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("another commit"),
    });
  });

  test("can't change a sealed byte", async () => {
    const store = await sealedStore();
    tamper(store, entryOf(2), (entry) => {
      const bytes = Buffer.from(entry.sealed, "base64");
      bytes[bytes.length - 1]! ^= 1;
      return { ...entry, sealed: bytes.toString("base64") };
    });
    const reading = openLog(store, seal).read(undefined, signal);
    await expect(reading).rejects.toMatchObject({ code: "refused" });
  });
});

describe("keys", () => {
  test("the file that age-keygen writes is a key as well", async () => {
    const file = `# created: 2026-11-21\n# public key: age1xyz\n${identity}\n`;
    expect((await openSeal(file)).fingerprint).toBe(seal.fingerprint);
  });

  test.each(["", "secret", identity.slice(0, -2), `${identity}\n${identity}`])(
    "something else is refused, and not quoted",
    async (text) => {
      const error: unknown = await openSeal(text).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: "config" });
      if (text !== "") expect(String(error)).not.toContain(text);
    },
  );
});
