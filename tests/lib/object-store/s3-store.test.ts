import { describe, expect, test } from "bun:test";
import type { ObjectStore } from "../../../lib/object-store/object-store.ts";
import { createS3Store, type S3StoreOptions } from "../../../lib/object-store/s3-store.ts";
import { eagerClock } from "../../support/eager-clock.ts";
import { inTurn } from "../../support/s3-server/fault.ts";
import { testCredentials } from "../../support/s3-server/server.ts";
import { describeStoreConformance } from "./conformance.ts";
import { exchanges, failureOf, openS3 } from "./open-s3.ts";

const body = Buffer.from("body");
const hourMs = 3_600_000;

describeStoreConformance("S3", () => openS3(), { manyKeys: true });
describeStoreConformance("S3 with two keys on a page", () => openS3({ pageSize: 2 }));

describe("the server's clock", () => {
  test.each([-5 * hourMs, 20 * 60_000, 30 * hourMs])(
    "%d ms ahead costs one request, once",
    async (clockOffsetMs) => {
      await using s3 = await openS3({ clockOffsetMs });
      expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
      expect(await s3.store.get("a", { bytesMax: 10 })).toEqual(new Uint8Array(body));
      expect(exchanges(s3.server)).toEqual(["PUT 403", "PUT 200", "GET 200"]);
    },
  );

  test("may be set while the store is open", async () => {
    await using s3 = await openS3({ clockOffsetMs: hourMs });
    await s3.store.put("a", body);
    s3.server.clockOffsetMs = 0;
    await s3.store.put("b", body);
    expect(exchanges(s3.server)).toEqual(["PUT 403", "PUT 200", "PUT 403", "PUT 200"]);
  });

  test("is believed once: who sends a wrong date is not asked for ever", async () => {
    await using s3 = await openS3({ clockOffsetMs: hourMs });
    const { url: endpoint } = s3.server;
    const store = openStore({
      endpoint,
      fetch: async (url, init) => {
        const { body, status } = await fetch(url, init);
        return new Response(body, { status, headers: { date: new Date(0).toUTCString() } });
      },
    });
    expect(await failureOf(store.list(""))).toMatchObject({
      code: "unauthorised",
      hint: expect.stringContaining("clock"),
    });
    expect(s3.server.requests).toHaveLength(2);
  });
});

describe("a session token", () => {
  const credentials = { ...testCredentials, sessionToken: "session/token+=" };

  test("is sent and signed", async () => {
    await using s3 = await openS3({ credentials: [credentials] }, { credentials });
    await s3.store.put("a", body);
    expect(exchanges(s3.server)).toEqual(["PUT 200"]);
  });

  test("that is wrong is said to be", async () => {
    const wrong = { ...credentials, sessionToken: "wrong-token" };
    await using s3 = await openS3({ credentials: [credentials] }, { credentials: wrong });
    const error = await failureOf(s3.store.put("a", body));
    expect(error).toMatchObject({ s3Code: "InvalidToken", hint: expect.stringContaining("token") });
    expect(exchanges(s3.server)).toEqual(["PUT 400"]);
  });

  test("that R2 refuses is left out from then on", async () => {
    await using s3 = await openS3();
    s3.server.chooseFault = () => "refuse-token";
    const endpoint = "https://account.r2.cloudflarestorage.com";
    const store = openStore({
      endpoint,
      credentials,
      fetch: (url, init) => {
        const headers = new Headers(init.headers);
        headers.set("host", new URL(endpoint).host);
        return fetch(url.replace(endpoint, s3.server.url), { ...init, headers });
      },
    });
    expect(await store.create("a", body)).toEqual({ isCreated: true });
    expect(await store.list("")).toEqual(["a"]);
    expect(exchanges(s3.server)).toEqual(["PUT 400", "PUT 200", "GET 200"]);
  });

  test("that another server refuses is an error", async () => {
    await using s3 = await openS3({}, { credentials });
    s3.server.chooseFault = () => "refuse-token";
    expect(await failureOf(s3.store.put("a", body))).toMatchObject({ code: "refused" });
    expect(exchanges(s3.server)).toEqual(["PUT 400"]);
  });
});

describe("the probe", () => {
  test.each(["ignore-condition", "refuse-condition"] as const)(
    "%s: finds it out, and from then on objects stay that are there",
    async (fault) => {
      await using s3 = await openS3();
      s3.server.chooseFault = () => fault;
      expect(await s3.store.probe("p/")).toBe("degraded");
      expect([...s3.server.objects]).toEqual([]);
      expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
      expect(await s3.store.create("a", Buffer.from("late"))).toEqual({
        isCreated: false,
        existing: new Uint8Array(body),
      });
      expect(s3.server.objects.get("a")).toEqual(body);
    },
  );

  test("is not needed where an earlier one found conditions to be worth nothing", async () => {
    await using s3 = await openS3({}, { createMode: "degraded" });
    expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
    expect(s3.server.requests.some(({ headers }) => "if-none-match" in headers)).toBe(false);
  });

  test("is not misled by an answer that gets lost", async () => {
    await using s3 = await openS3();
    s3.server.chooseFault = inTurn("lose-answer", undefined, "500-after");
    expect(await s3.store.probe("")).toBe("atomic");
    expect([...s3.server.objects]).toEqual([]);
  });

  test("that can't be made says so, and changes nothing", async () => {
    await using s3 = await openS3();
    s3.server.chooseFault = () => "503";
    expect(await failureOf(s3.store.probe(""))).toMatchObject({ code: "network" });
    s3.server.chooseFault = () => undefined;
    expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
    expect(s3.server.requests.at(-1)?.headers["if-none-match"]).toBe("*");
  });
});

/** A store for the test server's bucket at another address, or over another network. */
function openStore(options: Pick<S3StoreOptions, "endpoint" | "fetch"> & Partial<S3StoreOptions>) {
  const target = { bucket: "pi-settings", region: "eu-test-1", credentials: testCredentials };
  const store: ObjectStore = createS3Store({ ...target, clock: eagerClock(), ...options });
  return store;
}
