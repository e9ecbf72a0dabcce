/** The S3 store on a real server of S3, Ceph's, which is written by others and checks what it gets. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ObjectStore } from "../../lib/object-store/object-store.ts";
import { createS3Store, type S3StoreOptions } from "../../lib/object-store/s3-store.ts";
import { describeStoreConformance } from "../lib/object-store/conformance.ts";
import { eagerClock } from "../support/eager-clock.ts";
import { type Radosgw, startRadosgw } from "../support/radosgw/radosgw.ts";

let radosgw: Radosgw;
beforeAll(async () => void (radosgw = await startRadosgw()), 60_000);
afterAll(() => radosgw?.[Symbol.asyncDispose]());

async function openStore(options: Partial<S3StoreOptions> = {}): Promise<ObjectStore> {
  return createS3Store({
    endpoint: radosgw.url,
    bucket: await radosgw.newBucket(),
    region: radosgw.region,
    credentials: radosgw.credentials,
    fetch,
    clock: eagerClock(),
    ...options,
  });
}

const openForTest = (options?: Partial<S3StoreOptions>) => async () => ({
  store: await openStore(options),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

describeStoreConformance("radosgw", openForTest(), { manyKeys: true });

describe("radosgw", () => {
  const body = Buffer.from("body");

  test("knows a session by its token, and not without", async () => {
    const bucket = await radosgw.newBucket();
    const session = await radosgw.newSession();
    const store = await openStore({ bucket, credentials: session });
    expect(await store.create("a", body)).toEqual({ isCreated: true });
    expect(await store.list("")).toEqual(["a"]);
    const { accessKeyId, secretAccessKey } = session;
    const without = await openStore({ bucket, credentials: { accessKeyId, secretAccessKey } });
    expect(await failureOf(without)).toMatchObject({ code: "unauthorised" });
    const wrong = await openStore({ bucket, credentials: { ...session, sessionToken: "wrong" } });
    expect(await failureOf(wrong)).toMatchObject({ code: "refused", status: 400 });
  });

  test.each([
    ["key", { accessKeyId: "NOBODYSKEY" }],
    ["secret", { secretAccessKey: "nobodys-secret" }],
  ])("does not let in another %s", async (_, wrong) => {
    const store = await openStore({ credentials: { ...radosgw.credentials, ...wrong } });
    const error = await failureOf(store);
    expect(error).toMatchObject({ code: "unauthorised", status: 403 });
    expect(Bun.inspect(error, { depth: 20 })).not.toMatch(/nobodys-secret|radosgw\/test/);
  });

  test.each([
    ["early", -26],
    ["late", 26],
  ])("is written to by a machine whose clock is %s", async (_, hours) => {
    let sent = 0;
    const store = await openStore({
      clock: eagerClock(hours * 3_600_000),
      fetch: (url, init) => {
        sent++;
        return fetch(url, init);
      },
    });
    expect(await store.create("a", body)).toEqual({ isCreated: true });
    expect(sent).toBe(2);
    expect(await store.list("")).toEqual(["a"]);
    expect(sent).toBe(3);
  });

  test("says that a bucket is not there, which is no missing object", async () => {
    const store = await openStore({ bucket: "not-made" });
    const error = await store.get("a", { bytesMax: 10 }).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "refused", s3Code: "NoSuchBucket" });
  });

  test("loses no commit of four writers that count up", async () => {
    const bucket = await radosgw.newBucket();
    const commits = [1, 2, 3, 4, 5].map((number) => `commit ${number}`);
    await Promise.all(
      ["a", "b", "c", "d"].map(async (writer) => {
        const store = await openStore({ bucket });
        let next = 1;
        for (const commit of commits) {
          const bytes = Buffer.from(`${commit} of ${writer}`);
          while (!(await store.create(`log/${next++}`, bytes)).isCreated);
        }
      }),
    );
    const store = await openStore({ bucket });
    const keys = await store.list("log/");
    const log = await Promise.all(keys.map((key) => store.get(key, { bytesMax: 100 })));
    const written = log.map((bytes) => Buffer.from(bytes!).toString());
    expect(written).toHaveLength(20);
    expect(new Set(written).size).toBe(20);
  });
});

/** What a store's first request fails with. */
function failureOf(store: ObjectStore): Promise<unknown> {
  return store.list("").then(
    () => undefined,
    (error: unknown) => error,
  );
}
