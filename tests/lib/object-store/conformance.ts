import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { ObjectStore } from "../../../lib/object-store/object-store.ts";

/** A store to test, with nothing in it. */
export interface OpenedStore extends AsyncDisposable {
  store: ObjectStore;
}

const oddKeys = [
  "plain.txt",
  "with space",
  " leading and trailing ",
  "plus+plus",
  "%41",
  "100%",
  "quotes'()*!.txt",
  "a//b",
  "folder/",
  "/begins with a slash",
  "héllo/wörld",
  "日本語.json",
  "e\u0301 in two characters",
  "emoji 🙈/👩‍👩‍👧.txt",
  "a&b=c?d#e",
  'semi;colon:"double"<angle>|pipe',
  "back\\slash",
  "ends with a dot.",
  ".hidden/..not a step/...",
  "con/NUL.txt",
  "tilde~-_.",
  "tab\tand\nline",
  `${"n".repeat(200)}/${"m".repeat(200)}`,
];

const mebibyte = 1024 * 1024;

/** What every store promises, tested on a store that `openStore` gives, anew for each test. */
export function describeStoreConformance(
  name: string,
  openStore: () => Promise<OpenedStore>,
  options: { manyKeys?: boolean } = {},
): void {
  const read = (store: ObjectStore, key: string): Promise<Uint8Array | undefined> =>
    store.get(key, { bytesMax: 16 * mebibyte });

  describe(`${name}: objects`, () => {
    test("what was put is there, under any key, and gone after a delete", async () => {
      await using opened = await openStore();
      const { store } = opened;
      for (const key of oddKeys) await store.put(key, bytes(`of ${key}`));
      for (const key of oddKeys) expect(text(await read(store, key))).toBe(`of ${key}`);
      expect(await store.list("")).toEqual(inOrder(oddKeys));
      for (const key of oddKeys) await store.delete(key);
      expect(await store.list("")).toEqual([]);
    });

    test("what was created is there, under any key", async () => {
      await using opened = await openStore();
      const { store } = opened;
      for (const key of oddKeys) {
        expect(await store.create(key, bytes(`of ${key}`))).toEqual({ isCreated: true });
      }
      for (const key of oddKeys) expect(text(await read(store, key))).toBe(`of ${key}`);
    });

    test("keys that addresses or paths can't hold are refused", async () => {
      await using opened = await openStore();
      const { store } = opened;
      for (const key of ["", ".", "..", "a/../b", "a/.", "./a", "nul\0", "half \ud83d"]) {
        const refused = { code: "refused" };
        expect(await failure(store.put(key, bytes("x")))).toMatchObject(refused);
        expect(await failure(store.create(key, bytes("x")))).toMatchObject(refused);
        expect(await failure(read(store, key))).toMatchObject(refused);
        expect(await failure(store.delete(key))).toMatchObject(refused);
      }
      expect(await store.list("")).toEqual([]);
    });

    test("one that was never written is undefined, and no error to delete", async () => {
      await using opened = await openStore();
      const { store } = opened;
      expect(await read(store, "none")).toBeUndefined();
      expect(await read(store, "no/folder/none")).toBeUndefined();
      await store.delete("none");
      await store.delete("no/folder/none");
    });

    test("a put goes over what is there", async () => {
      await using opened = await openStore();
      const { store } = opened;
      await store.put("a/b", bytes("a long first one"));
      await store.put("a/b", bytes("second"));
      expect(text(await read(store, "a/b"))).toBe("second");
    });

    test("any bytes come back as they are, many or few", async () => {
      await using opened = await openStore();
      const { store } = opened;
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      const large = randomBytes(5 * mebibyte);
      const part = large.subarray(1000, 1010);
      await store.put("all", all);
      await store.put("part", part);
      expect(await store.create("large", large)).toEqual({ isCreated: true });
      expect(equal(await read(store, "all"), all)).toBe(true);
      expect(equal(await read(store, "part"), part)).toBe(true);
      expect(equal(await read(store, "large"), large)).toBe(true);
    });

    test("more bytes than asked for are refused", async () => {
      await using opened = await openStore();
      const { store } = opened;
      await store.put("ten", bytes("0123456789"));
      await store.put("many", randomBytes(mebibyte));
      expect(text(await store.get("ten", { bytesMax: 10 }))).toBe("0123456789");
      for (const [key, bytesMax] of [
        ["ten", 9],
        ["many", 1000],
      ] as const) {
        expect(await failure(store.get(key, { bytesMax }))).toMatchObject({ code: "refused" });
      }
    });
  });

  describe(`${name}: creation`, () => {
    test("an object that is there stays, and is shown to who comes late", async () => {
      await using opened = await openStore();
      const { store } = opened;
      await store.put("a/b", bytes("first"));
      const late = await store.create("a/b", bytes("second"));
      expect(late).toMatchObject({ isCreated: false });
      expect(text(late.isCreated ? undefined : late.existing)).toBe("first");
      expect(text(await read(store, "a/b"))).toBe("first");
    });

    test("of eight at once exactly one wins, and all others see its bytes", async () => {
      await using opened = await openStore();
      const { store } = opened;
      for (const round of [1, 2, 3]) {
        const key = `log/${round}.json`;
        const bodies = Array.from({ length: 8 }, (_, writer) => `writer ${writer}`);
        const outcomes = await Promise.all(bodies.map((body) => store.create(key, bytes(body))));
        const winner = bodies.filter((_, writer) => outcomes[writer]!.isCreated);
        expect(winner).toHaveLength(1);
        const seen = outcomes.map((outcome) =>
          outcome.isCreated ? winner[0]! : text(outcome.existing),
        );
        expect(new Set(seen)).toEqual(new Set(winner));
        expect(text(await read(store, key))).toBe(winner[0]!);
      }
    });

    test("what was deleted can be created again", async () => {
      await using opened = await openStore();
      const { store } = opened;
      await store.create("a", bytes("first"));
      await store.delete("a");
      expect(await store.create("a", bytes("second"))).toEqual({ isCreated: true });
    });

    test("the probe finds that it is atomic, and leaves nothing", async () => {
      await using opened = await openStore();
      const { store } = opened;
      expect(await store.probe("profiles/default/")).toBe("atomic");
      expect(await store.list("")).toEqual([]);
    });
  });

  describe(`${name}: lists`, () => {
    const keys = [
      "log/1",
      "log/10",
      "log/2/a b",
      "log2",
      "logs/x",
      "other",
      "log/ä",
      "log/🙈",
      "log/\uffee",
    ];

    test("the keys of a prefix, in the order of their bytes", async () => {
      await using opened = await openStore();
      const { store } = opened;
      for (const key of keys) await store.put(key, bytes("x"));
      for (const prefix of [
        "",
        "log",
        "log/",
        "log/1",
        "log/2/a ",
        "log/🙈",
        "none/",
        "log/none",
      ]) {
        const wanted = inOrder(keys.filter((key) => key.startsWith(prefix)));
        expect(await store.list(prefix)).toEqual(wanted);
      }
    });

    test("only those behind a key, which need not be there", async () => {
      await using opened = await openStore();
      const { store } = opened;
      for (const key of keys) await store.put(key, bytes("x"));
      const sorted = inOrder(keys);
      for (const after of ["log/1", "log/15", "log/ä", "log/\uffee", "log/🙈", "zzz"]) {
        const wanted = sorted.filter(
          (key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0,
        );
        expect(await store.list("", { after })).toEqual(wanted);
        expect(await store.list("log/", { after })).toEqual(
          wanted.filter((key) => key.startsWith("log/")),
        );
      }
    });

    if (options.manyKeys === true)
      test("more keys than fit on a page", async () => {
        await using opened = await openStore();
        const { store } = opened;
        const many = Array.from({ length: 2100 }, (_, index) => `log/a+b & ${index}.json`);
        for (let start = 0; start < many.length; start += 30) {
          await Promise.all(many.slice(start, start + 30).map((key) => store.put(key, bytes("x"))));
        }
        await store.put("other", bytes("x"));
        const sorted = inOrder(many);
        expect(await store.list("log/")).toEqual(sorted);
        expect(await store.list("log/", { after: sorted[499]! })).toEqual(sorted.slice(500));
      }, 60_000);
  });

  test(`${name}: an aborted signal ends every call with its reason`, async () => {
    await using opened = await openStore();
    const { store } = opened;
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    const calls = [
      store.get("a", { bytesMax: 10, signal }),
      store.create("a", bytes("x"), { signal }),
      store.put("a", bytes("x"), { signal }),
      store.delete("a", { signal }),
      store.list("", { signal }),
      store.probe("", { signal }),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toEqual({ status: "rejected", reason });
    }
    expect(await store.list("")).toEqual([]);
  });
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "(none)" : new TextDecoder().decode(bytes);
}

function equal(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

function inOrder(keys: string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** What a call fails with; undefined where it does not. */
function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}
