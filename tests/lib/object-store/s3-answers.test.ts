import { describe, expect, test } from "bun:test";
import type { ObjectStore } from "../../../lib/object-store/object-store.ts";
import { createS3Store, type S3StoreOptions } from "../../../lib/object-store/s3-store.ts";
import { type ManualClock, manualClock } from "../../support/manual-clock.ts";

const credentials = { accessKeyId: "TESTKEY", secretAccessKey: "test/secret" };
const own = Buffer.from("own bytes");
const missing = (): Response => refusal(404, "NoSuchKey");

type Step = (request: Request) => Response | Promise<Response>;

/** A server that answers with one step after the other, and what it was asked. */
interface Scripted extends AsyncDisposable {
  store: ObjectStore;
  clock: ManualClock;
  origin: string;
  requests: Request[];
  /** Method and path of each request. */
  asked(): string[];
}

function openScripted(steps: Step[], options: Partial<S3StoreOptions> = {}): Scripted {
  const requests: Request[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      requests.push(request.clone() as Request);
      const step = steps.shift();
      return step === undefined ? new Response("no step left", { status: 418 }) : step(request);
    },
  });
  const clock = manualClock();
  const store = createS3Store({
    endpoint: `http://127.0.0.1:${server.port}`,
    bucket: "pi",
    region: "us-east-1",
    credentials,
    fetch,
    clock: { ...clock, sleep: (ms, signal) => quickSleep(clock, ms, signal) },
    ...options,
  });
  return {
    store,
    clock,
    origin: server.url.origin,
    requests,
    asked: () => requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`),
    async [Symbol.asyncDispose]() {
      expect(steps).toHaveLength(0);
      await server.stop(true);
    },
  };
}

/** Lets the time of a wait pass at once. */
async function quickSleep(clock: ManualClock, ms: number, signal?: AbortSignal): Promise<void> {
  const slept = clock.sleep(ms, signal);
  await clock.advance(ms);
  await slept;
}

const ok =
  (body: string | Uint8Array = ""): Step =>
  () =>
    new Response(body as string);

function refusal(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  message = "",
): Response {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(xml, { status, headers: { "content-type": "application/xml", ...headers } });
}

const fail =
  (status: number, code: string, headers: Record<string, string> = {}, message = ""): Step =>
  () =>
    refusal(status, code, headers, message);

const get = (store: ObjectStore): Promise<Uint8Array | undefined> =>
  store.get("key", { bytesMax: 1000 });
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

describe("get", () => {
  test("tries again after trouble that may pass", async () => {
    for (const trouble of [
      fail(500, "InternalError"),
      fail(502, ""),
      fail(503, "SlowDown"),
      fail(504, ""),
      fail(429, "TooManyRequests"),
      fail(400, "RequestTimeout"),
      ok(""),
    ]) {
      await using scripted = openScripted([trouble, trouble, trouble, ok("body")]);
      expect(text(await get(scripted.store))).toBe("body");
    }
  });

  test("gives up after four tries", async () => {
    await using scripted = openScripted(Array.from({ length: 4 }, () => fail(503, "SlowDown")));
    await expect(get(scripted.store)).rejects.toMatchObject({ code: "network" });
  });

  test("an object without bytes is broken, not empty", async () => {
    await using scripted = openScripted(Array.from({ length: 4 }, () => ok("")));
    await expect(get(scripted.store)).rejects.toMatchObject({ code: "network" });
  });

  test("waits as long as the server asks for, up to half a minute", async () => {
    for (const [asked, waitedMs] of [
      ["7", 7000],
      ["3600", 30_000],
    ] as const) {
      await using scripted = openScripted([
        fail(503, "SlowDown", { "retry-after": asked }),
        ok("body"),
      ]);
      const startMs = scripted.clock.now();
      await get(scripted.store);
      expect(scripted.clock.now() - startMs).toBe(waitedMs);
    }
  });

  test("404 means that there is none only where S3 says so", async () => {
    await using scripted = openScripted([
      missing,
      () => new Response("<html>Not found</html>", { status: 404 }),
      fail(404, "NoSuchBucket"),
    ]);
    expect(await get(scripted.store)).toBeUndefined();
    await expect(get(scripted.store)).rejects.toMatchObject({
      code: "refused",
      hint: expect.stringContaining("address"),
    });
    await expect(get(scripted.store)).rejects.toMatchObject({
      code: "refused",
      hint: expect.stringContaining("Make the bucket"),
    });
  });

  test("a server that never answers is left after the time limit", async () => {
    const never: Step = async () => {
      await Bun.sleep(500);
      return new Response();
    };
    await using scripted = openScripted([never, ok("body")], { timeoutMs: 50 });
    expect(text(await get(scripted.store))).toBe("body");
  });

  test("an aborted signal ends a wait with its reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const step: Step = () => {
      setTimeout(() => controller.abort(reason), 20);
      return refusal(503, "SlowDown");
    };
    const clock = manualClock();
    clock.draw = 0.5;
    await using scripted = openScripted([step], { clock });
    const call = scripted.store.get("key", { bytesMax: 10, signal: controller.signal });
    await expect(call).rejects.toBe(reason);
  });
});

describe("create", () => {
  const create = (store: ObjectStore): Promise<unknown> => store.create("key", own);

  test("asks the server to create only", async () => {
    await using scripted = openScripted([ok()]);
    expect(await create(scripted.store)).toEqual({ isCreated: true });
    const [request] = scripted.requests;
    expect(request!.headers.get("if-none-match")).toBe("*");
    expect(request!.headers.get("authorization")).toContain("host;if-none-match;x-amz");
    expect(request!.headers.get("accept-encoding")).toBe("identity");
  });

  test("after an answer that got lost, its own bytes mean that it was done", async () => {
    for (const lost of [fail(500, "InternalError"), fail(503, "SlowDown")]) {
      await using scripted = openScripted([lost, ok(own)]);
      expect(await create(scripted.store)).toEqual({ isCreated: true });
      expect(scripted.asked()).toEqual(["PUT /pi/key", "GET /pi/key"]);
    }
  });

  test("after an answer that got lost, other bytes mean that it was not", async () => {
    await using scripted = openScripted([fail(500, "InternalError"), ok("other")]);
    expect(await create(scripted.store)).toEqual({
      isCreated: false,
      existing: Buffer.from("other"),
    });
  });

  test("is repeated only after a look that found nothing", async () => {
    const lost = fail(500, "InternalError");
    await using scripted = openScripted([lost, missing, lost, missing, ok()]);
    expect(await create(scripted.store)).toEqual({ isCreated: true });
    expect(scripted.asked().map((line) => line.slice(0, 3))).toEqual([
      "PUT",
      "GET",
      "PUT",
      "GET",
      "PUT",
    ]);
  });

  test("a look that fails is repeated before anything is written", async () => {
    const lost = fail(500, "InternalError");
    await using scripted = openScripted([lost, lost, lost, ok(own)]);
    expect(await create(scripted.store)).toEqual({ isCreated: true });
    expect(scripted.asked().map((line) => line.slice(0, 3))).toEqual(["PUT", "GET", "GET", "GET"]);
  });

  test("the last try that got lost is looked up as well", async () => {
    const lost = fail(500, "InternalError");
    await using scripted = openScripted([
      lost,
      missing,
      lost,
      missing,
      lost,
      missing,
      lost,
      ok(own),
    ]);
    expect(await create(scripted.store)).toEqual({ isCreated: true });
  });

  test("412 is looked up: it may be its own, of a try that was repeated on the way", async () => {
    const taken = fail(412, "PreconditionFailed");
    await using scripted = openScripted([taken, ok("other"), taken, ok(own), taken, missing, ok()]);
    expect(await create(scripted.store)).toMatchObject({ isCreated: false });
    expect(await create(scripted.store)).toEqual({ isCreated: true });
    expect(await create(scripted.store)).toEqual({ isCreated: true });
  });

  test("a conflict of conditions was not done, and is tried again", async () => {
    await using scripted = openScripted([fail(409, "ConditionalRequestConflict"), ok()]);
    expect(await create(scripted.store)).toEqual({ isCreated: true });
    expect(scripted.asked()).toEqual(["PUT /pi/key", "PUT /pi/key"]);
  });

  test("degraded, it looks before and after", async () => {
    await using scripted = openScripted(
      [ok("other"), missing, ok(), ok(own), missing, ok(), ok("other")],
      {
        createMode: "degraded",
      },
    );
    expect(await create(scripted.store)).toMatchObject({ isCreated: false });
    expect(await create(scripted.store)).toEqual({ isCreated: true });
    expect(await create(scripted.store)).toMatchObject({ isCreated: false });
    expect(scripted.requests.some(({ headers }) => headers.has("if-none-match"))).toBe(false);
  });
});

describe("the probe", () => {
  const probed = async (steps: Step[]): Promise<string> => {
    await using scripted = openScripted(steps);
    return await scripted.store.probe("p/");
  };
  let first: Uint8Array = new Uint8Array();
  const keep: Step = async (request) => {
    first = new Uint8Array(await request.arrayBuffer());
    return new Response();
  };
  const deleted: Step = () => new Response(null, { status: 204 });

  test("finds what the server does with a condition", async () => {
    const taken = fail(412, "PreconditionFailed");
    expect(await probed([keep, taken, () => new Response(first), deleted])).toBe("atomic");
    expect(await probed([keep, ok(), deleted])).toBe("degraded");
    expect(await probed([fail(501, "NotImplemented")])).toBe("degraded");
    expect(await probed([fail(400, "NotImplemented")])).toBe("degraded");
    expect(await probed([keep, fail(501, "NotImplemented"), deleted])).toBe("degraded");
  });

  test("sees a server that says 412 and overwrites", async () => {
    let second: Uint8Array = new Uint8Array();
    const lie: Step = async (request) => {
      second = new Uint8Array(await request.arrayBuffer());
      return refusal(412, "PreconditionFailed");
    };
    expect(await probed([keep, lie, () => new Response(second), deleted])).toBe("degraded");
  });

  test("decides how the store creates from then on", async () => {
    await using scripted = openScripted([fail(501, "NotImplemented"), missing, ok(), ok(own)]);
    await scripted.store.probe("p/");
    expect(await scripted.store.create("key", own)).toEqual({ isCreated: true });
  });
});

describe("what a server says of our date and token", () => {
  test("a clock that is wrong is set by the server's, once for all", async () => {
    const date = new Date(Date.now() + 7_200_000).toUTCString();
    const skewed = fail(403, "RequestTimeTooSkewed", { date });
    await using scripted = openScripted([skewed, ok("body"), ok("body")]);
    await get(scripted.store);
    await get(scripted.store);
    const [before, after, later] = scripted.requests.map(({ headers }) => signedAtMs(headers));
    expect(after! - before!).toBeGreaterThan(7_190_000);
    expect(later! - before!).toBeGreaterThan(7_190_000);
  });

  test("one that the server calls wrong again and again is an error", async () => {
    const date = new Date(Date.now() + 7_200_000).toUTCString();
    const skewed = fail(403, "RequestTimeTooSkewed", { date });
    await using scripted = openScripted([skewed, skewed]);
    await expect(get(scripted.store)).rejects.toMatchObject({
      code: "unauthorised",
      hint: "Set this machine's clock.",
    });
  });

  const tokenRefused = fail(400, "InvalidArgument", {}, "X-Amz-Security-Token");
  const withToken = { ...credentials, sessionToken: "SESSION" };

  test("R2 gets no token any more after it refused one", async () => {
    await using scripted = openScripted([tokenRefused, ok("body"), ok("body")], {
      endpoint: "https://account.r2.cloudflarestorage.com",
      credentials: withToken,
      fetch: (url, init) => fetch(url.replace(/^https:\/\/[^/]+/, scripted.origin), init),
    });
    await get(scripted.store);
    await get(scripted.store);
    const tokens = scripted.requests.map(({ headers }) => headers.get("x-amz-security-token"));
    expect(tokens).toEqual(["SESSION", null, null]);
  });

  test("others always get it", async () => {
    await using scripted = openScripted([tokenRefused], { credentials: withToken });
    await expect(get(scripted.store)).rejects.toMatchObject({ code: "refused" });
  });
});

describe("refusals", () => {
  test.each([
    [403, "InvalidAccessKeyId", "unauthorised", /does not know this access key/],
    [403, "SignatureDoesNotMatch", "unauthorised", /secret does not belong/],
    [400, "ExpiredToken", "unauthorised", /expired/],
    [403, "AccessDenied", "unauthorised", /right to list/],
    [404, "NoSuchBucket", "refused", /Make the bucket/],
  ] as const)("%d %s", async (status, s3Code, code, hint) => {
    await using scripted = openScripted([fail(status, s3Code), fail(status, s3Code)]);
    const wanted = { code, hint: expect.stringMatching(hint) };
    await expect(scripted.store.list("")).rejects.toMatchObject(wanted);
    await expect(scripted.store.create("key", own)).rejects.toMatchObject(wanted);
  });

  test("a bucket of another region is named, and no redirect is followed", async () => {
    const moved = fail(301, "PermanentRedirect", {
      "x-amz-bucket-region": "eu-west-1",
      location: "/elsewhere",
    });
    const malformed: Step = () =>
      new Response(
        "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>",
        { status: 400 },
      );
    await using scripted = openScripted([moved, malformed]);
    const wanted = { code: "refused", hint: expect.stringContaining("region eu-west-1") };
    await expect(get(scripted.store)).rejects.toMatchObject(wanted);
    await expect(get(scripted.store)).rejects.toMatchObject(wanted);
  });

  test("a server's words come without control characters and without our keys", async () => {
    await using scripted = openScripted([
      fail(400, "InvalidRequest", {}, `&lt;a&#x1b;[31m&#10;b ${"x".repeat(1000)}`),
      fail(400, "InvalidRequest", {}, "the key TESTKEY is bad"),
      fail(400, "InvalidRequest", {}, "not test&#x2f;secret"),
    ]);
    const messages: string[] = [];
    while (messages.length < 3) {
      await get(scripted.store).catch((error: Error) => messages.push(error.message));
    }
    expect(messages[0]).toMatch(/HTTP 400: InvalidRequest: <a \[31m b x{200,300}\)\.$/);
    for (const message of messages.slice(1))
      expect(message).toEndWith("(HTTP 400: InvalidRequest).");
  });

  test("no server within reach is named", async () => {
    const store = createS3Store({
      endpoint: "http://127.0.0.1:9",
      bucket: "pi",
      region: "auto",
      credentials,
      fetch: () => Promise.reject(Object.assign(new Error("x"), { code: "ECONNREFUSED" })),
      clock: { now: Date.now, random: () => 0, sleep: async () => {} },
    });
    await expect(get(store)).rejects.toMatchObject({
      code: "network",
      message: "The bucket pi at 127.0.0.1:9 could not be reached (ECONNREFUSED).",
    });
  });
});

function signedAtMs(headers: Headers): number {
  const [, ...parts] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers.get("x-amz-date") ?? "") ?? [];
  const [year = 0, month = 0, day = 0, ...time] = parts.map(Number);
  return Date.UTC(year, month - 1, day, ...time);
}
