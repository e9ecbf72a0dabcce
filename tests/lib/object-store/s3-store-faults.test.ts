/** What the S3 store makes of a server and a network that fail. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AppError } from "../../../lib/errors.ts";
import { type Fault, inTurn } from "../../support/s3-server/fault.ts";
import { startS3Server, testCredentials } from "../../support/s3-server/server.ts";
import { exchanges, failureOf, openS3 } from "./open-s3.ts";

const body = Buffer.from("body");
const other = Buffer.from("other");

describe("a creation", () => {
  test.each(["lose-answer", "500-after", "stall"] as const)(
    "whose answer got lost (%s) is looked up, and not sent again",
    async (fault) => {
      await using s3 = await openS3();
      s3.server.chooseFault = inTurn(fault);
      expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
      expect(s3.server.requests.map(({ method }) => method)).toEqual(["PUT", "GET"]);
      expect([...s3.server.objects]).toEqual([["a", body]]);
    },
  );

  // Bun sends a request anew, on its own, when a connection that it kept turns out to be closed.
  test("that the runtime sends twice knows its own object", async () => {
    await using s3 = await openS3();
    await s3.store.list("");
    s3.server.chooseFault = inTurn("lose-answer");
    expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
    expect([...s3.server.objects]).toEqual([["a", body]]);
  });

  test.each(["drop", "500"] as const)("that was not made (%s) is made then", async (fault) => {
    await using s3 = await openS3();
    s3.server.chooseFault = inTurn(fault);
    expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
    expect(exchanges(s3.server).slice(1)).toEqual(["GET 404", "PUT 200"]);
  });

  test.each(["drop", "500", "409", "503"] as const)(
    "that another writer overtook (%s) is not ours",
    async (fault) => {
      await using s3 = await openS3();
      s3.server.chooseFault = inTurn(fault);
      const creation = s3.store.create("a", body);
      s3.server.objects.set("a", other);
      expect(await creation).toEqual({ isCreated: false, existing: new Uint8Array(other) });
      expect(s3.server.objects.get("a")).toEqual(other);
    },
  );

  test("is looked up for as long as that fails", async () => {
    await using s3 = await openS3();
    s3.server.chooseFault = inTurn("lose-answer", "503", "cut-body");
    expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
    expect(s3.server.requests.map(({ method }) => method)).toEqual(["PUT", "GET", "GET", "GET"]);
  });

  test("is looked up after the last try as well", async () => {
    await using s3 = await openS3();
    s3.server.chooseFault = inTurn("409", "409", "409", "500-after");
    expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
    expect(exchanges(s3.server).slice(3)).toEqual(["PUT 500", "GET 200"]);
  });

  test.each(["409", "429"] as const)("that was turned away (%s) is sent again", async (fault) => {
    await using s3 = await openS3();
    s3.server.chooseFault = inTurn(fault, fault);
    expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
    expect(exchanges(s3.server)).toEqual([`PUT ${fault}`, `PUT ${fault}`, "PUT 200"]);
    expect(s3.slept).toHaveLength(2);
  });

  const faults = ["lose-answer", "drop", "500", "500-after", "409", "503", "cut-body"] as const;

  test("says that it was made exactly where it was, whatever fails", async () => {
    const arbitraryFault = fc.option(fc.constantFrom<Fault[]>(...faults), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryFault, { maxLength: 12 }), async (sequence) => {
        await using s3 = await openS3();
        s3.server.chooseFault = inTurn(...sequence);
        const bodies = ["one", "two", "three"].map((text) => Buffer.from(text));
        const calls = bodies.map((bytes) => s3.store.create("a", bytes));
        const outcomes = await Promise.allSettled(calls);
        const held = textOf(s3.server.objects.get("a"));
        for (const [index, outcome] of outcomes.entries()) {
          const isHeld = held === textOf(bodies[index]);
          if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(AppError);
          else if (outcome.value.isCreated) expect(isHeld).toBe(true);
          else expect([isHeld, textOf(outcome.value.existing)]).toEqual([false, held]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("an answer", () => {
  test.each(["empty-200", "cut-body", "500", "503", "drop"] as const)(
    "that is none (%s) is asked for again",
    async (fault) => {
      await using s3 = await openS3();
      s3.server.objects.set("a", body);
      s3.server.chooseFault = inTurn(fault);
      expect(await s3.store.get("a", { bytesMax: 4 })).toEqual(new Uint8Array(body));
      expect(s3.slept).toHaveLength(1);
      s3.server.chooseFault = inTurn(fault);
      expect(await s3.store.list("")).toEqual(["a"]);
    },
  );

  test.each(["empty-200", "cut-body", "500", "409", "drop", "stall"] as const)(
    "that never comes (%s) is waited for a few times",
    async (fault) => {
      await using s3 = await openS3({}, { timeoutMs: 50 });
      s3.server.objects.set("a", body);
      s3.server.chooseFault = () => fault;
      const error = await failureOf(s3.store.get("a", { bytesMax: 4 }));
      expect(error).toMatchObject({ code: "network" });
      expect(s3.server.requests).toHaveLength(4);
    },
  );

  test("without end is left, and refused", async () => {
    await using s3 = await openS3();
    s3.server.objects.set("a", body);
    s3.server.chooseFault = () => "endless-body";
    const refused = { code: "refused" };
    expect(await failureOf(s3.store.get("a", { bytesMax: 1000 }))).toMatchObject(refused);
    expect(await failureOf(s3.store.list(""))).toMatchObject(refused);
    expect(await failureOf(s3.store.put("b", body))).toMatchObject(refused);
    expect(await failureOf(s3.store.get("none", { bytesMax: 4 }))).toBeInstanceOf(AppError);
  });

  test("that lists keys in no order, and too many, is put right", async () => {
    await using s3 = await openS3();
    for (const key of ["b", "c", "a"]) s3.server.objects.set(key, body);
    s3.server.chooseFault = () => "loose-list";
    expect(await s3.store.list("")).toEqual(["a", "b", "c"]);
    expect(await s3.store.list("", { after: "a" })).toEqual(["b", "c"]);
  });

  test("with a weak ETag is as good as another", async () => {
    await using s3 = await openS3();
    s3.server.chooseFault = () => "weak-etag";
    expect(await s3.store.create("a", body)).toEqual({ isCreated: true });
    expect(await s3.store.create("a", other)).toMatchObject({ isCreated: false });
    expect(await s3.store.get("a", { bytesMax: 4 })).toEqual(new Uint8Array(body));
  });

  test("that asks to wait is obeyed, within reason", async () => {
    await using s3 = await openS3({ retryAfterSeconds: 7 });
    s3.server.chooseFault = inTurn("503", "429");
    await s3.store.put("a", body);
    expect(s3.slept).toEqual([7000, 7000]);
    s3.server.retryAfterSeconds = 1_000_000;
    s3.server.chooseFault = inTurn("503");
    await s3.store.put("a", body);
    expect(s3.slept[2]).toBeLessThanOrEqual(60_000);
  });

  test("never given ends with the caller's patience", async () => {
    await using s3 = await openS3({}, { timeoutMs: 60_000 });
    s3.server.chooseFault = () => "stall";
    const reason = new Error("enough");
    const controller = new AbortController();
    const call = failureOf(s3.store.create("a", body, { signal: controller.signal }));
    while (s3.server.requests.length === 0) await Bun.sleep(1);
    controller.abort(reason);
    expect(await call).toBe(reason);
  });
});

describe("a redirect", () => {
  test.each(["redirect-301", "redirect-307"] as const)("%s is not followed", async (fault) => {
    await using elsewhere = await startS3Server();
    await using s3 = await openS3({ redirectTo: elsewhere.url });
    s3.server.chooseFault = () => fault;
    for (const call of [
      () => s3.store.get("a", { bytesMax: 4 }),
      () => s3.store.put("a", body),
      () => s3.store.create("a", body),
      () => s3.store.list(""),
    ]) {
      expect(await failureOf(call())).toMatchObject({ code: "refused" });
    }
    expect(s3.server.requests).toHaveLength(4);
    expect(elsewhere.requests).toEqual([]);
  });
});

describe("a missing object", () => {
  test("is none only where the server says so", async () => {
    await using s3 = await openS3({ bucket: "other" }, { bucket: "gone" });
    const error = await failureOf(s3.store.get("a", { bytesMax: 4 }));
    expect(error).toMatchObject({ code: "refused", hint: expect.stringContaining("bucket") });
  });

  test("that may not be known to be missing is an error with the reason in its hint", async () => {
    await using s3 = await openS3({ mayList: false });
    const error = await failureOf(s3.store.get("a", { bytesMax: 4 }));
    expect(error).toMatchObject({
      code: "unauthorised",
      hint: expect.stringContaining("right to list"),
    });
  });
});

test("no error and no request holds the secret or the token, and only the signature the key", async () => {
  const credentials = { ...testCredentials, sessionToken: "T0kenOfThisSession" };
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const faults: Fault[] = ["drop", "stall", "500", "409", "cut-body", "endless-body"];
  const server = { credentials: [credentials] };
  const wrongs = [
    ...faults.map((fault) => ({ fault, server })),
    { fault: "redirect-301" as const, server },
    { fault: "refuse-token" as const, server },
    { fault: undefined, server: { credentials: [testCredentials] } },
    { fault: undefined, server: { credentials: [] } },
    { fault: undefined, server: { ...server, region: "other-region" } },
    { fault: undefined, server: { credentials: [{ ...credentials, secretAccessKey: "other" }] } },
    { fault: undefined, server: { ...server, mayList: false } },
  ];
  for (const { fault, server } of wrongs) {
    const options = { credentials, region: "eu-test-1", timeoutMs: 50 };
    await using s3 = await openS3({ redirectTo: "http://localhost:1", ...server }, options);
    s3.server.chooseFault = () => fault;
    const errors = await Promise.all(
      [s3.store.create("a", body), s3.store.get("a", { bytesMax: 9 }), s3.store.list("")].map(
        (call) =>
          call.then(
            () => undefined,
            (error: unknown) => error,
          ),
      ),
    );
    const said = errors.map((error) => everythingIn(error)).join("\n");
    expect(errors.filter((error) => error instanceof AppError).length).toBeGreaterThan(0);
    for (const secret of [accessKeyId, secretAccessKey, sessionToken]) {
      expect(said).not.toContain(secret);
    }
    for (const { headers, rawPath, rawQuery } of s3.server.requests) {
      const { authorization, "x-amz-security-token": token, ...rest } = headers;
      const sent = JSON.stringify([rest, rawPath, rawQuery]);
      expect(`${sent}${authorization}${token}`).not.toContain(secretAccessKey);
      expect(sent).not.toContain(sessionToken);
      expect(sent).not.toContain(accessKeyId);
    }
  }
});

/** All that can be read off an error: properties, hidden ones too, and causes. */
function everythingIn(error: unknown, depth = 0): string {
  if (typeof error !== "object" || error === null || depth > 8) return String(error);
  const fields = Object.getOwnPropertyNames(error).map((name) =>
    everythingIn((error as Record<string, unknown>)[name], depth + 1),
  );
  return fields.join("\n");
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString();
}
