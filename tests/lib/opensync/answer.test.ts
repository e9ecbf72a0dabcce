import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { classifyAnswer, classifyErrorText } from "../../../lib/opensync/answer.ts";
import {
  type FailureKind,
  isRetryable,
  type OpenSyncError,
} from "../../../lib/opensync/failure.ts";

const page = "<!doctype html><title>Sign in</title>";
const error = (text: string): string => JSON.stringify({ error: text });

function classify(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): OpenSyncError | undefined {
  return classifyAnswer({ status, body, headers: new Headers(headers) }, Date.UTC(2026, 0, 1));
}

describe("an answer means", () => {
  test.each<[number, string, string]>([
    [302, "", "not-opensync"],
    [400, error("Missing externalId or sessionId"), "refused"],
    [400, page, "not-opensync"],
    [401, error("Invalid API key"), "unauthorised"],
    [401, page, "unauthorised"],
    [401, error("API key validation failed: too many reads"), "server, busy"],
    [403, error("Forbidden"), "unauthorised"],
    [403, page, "not-opensync"],
    [404, "No matching routes found", "not-opensync"],
    [404, error("Session not found"), "refused"],
    [405, "", "not-opensync"],
    [408, "", "server, busy"],
    [413, "<h1>413 Request Entity Too Large</h1>", "refused"],
    [425, "", "server, busy"],
    [429, JSON.stringify({ code: "TooManyConcurrentRequests", message: "…" }), "rate-limited"],
    [500, "", "server, unknown"],
    [500, page, "server, unknown"],
    [500, error("Something new"), "server, unknown"],
    [500, error("Error: ArgumentValidationError: Value does not match validator."), "refused"],
    [500, error("SyntaxError: Unexpected end of JSON input"), "refused"],
    [500, error("TypeError: Cannot read properties of null"), "refused"],
    [500, error("Field name $ref starts with a '$', which is reserved."), "refused"],
    [500, error("Value is too large (1.5 MiB > maximum size 1 MiB)"), "refused"],
    [500, error("Array length is too long (8193 > maximum length 8192)"), "refused"],
    [500, error("Object is too nested (65 > maximum nesting 64)"), "refused"],
    [500, error("Too many reads in a single function execution (limit: 4096)"), "refused"],
    [500, error("Received invalid json: lone leading surrogate"), "refused, split-character"],
    [
      500,
      error(
        'Documents read from or written to the "sessions" table changed while this mutation was being run',
      ),
      "server, conflict",
    ],
    [500, error("Your request couldn't be completed. Try again later."), "server, busy"],
    [500, error("Too many writes per second. Your deployment is limited"), "server, busy"],
    [500, error("Too many concurrent requests"), "server, busy"],
    [500, error("Function execution timed out (maximum duration: 1s)"), "server, busy"],
    [502, page, "server, busy"],
    [503, error("overloaded"), "server, busy"],
    [599, "", "server, busy"],
  ])("%d %s", (status, body, meaning) => {
    const failure = classify(status, body)!;
    expect(failure.reason ? `${failure.kind}, ${failure.reason}` : failure.kind).toBe(meaning);
  });

  test("nothing bad when it is a success", () => {
    expect(classify(200, page)).toBeUndefined();
    expect(classify(204, "")).toBeUndefined();
  });
});

test("a message that speaks of trouble does not change what its refusal means", () => {
  const refusal =
    "Error: ArgumentValidationError: Object contains extra field `x` that is not in the validator.\n\n" +
    'Object: {textContent: "surrogate, changed while this mutation, timed out"}\nValidator: v.object({})';
  expect(classifyErrorText(error(refusal))).toMatchObject({ kind: "refused", reason: undefined });
});

describe("the server's words", () => {
  test("never repeat the message that was refused", () => {
    const texts = [
      "ArgumentValidationError: Object contains extra field `x`. Object: {text: MY SECRET} Validator: v.any()",
      "ArgumentValidationError: Value does not match validator.\nPath: .role\nValue: MY SECRET\nValidator: v.any()",
      "SyntaxError: Unexpected token 'M', \"MY SECRET\" is not valid JSON",
      'Uncaught Error: undefined is not valid (present at path .x in original object {"a":"MY SECRET"})',
    ];
    for (const text of texts)
      expect(classifyErrorText(error(text)).message).not.toContain("SECRET");
  });

  test("never repeat the key", () => {
    const key = "osk_abcdefghijklmnopqrstuvwxyz012345";
    expect(classify(401, error(`No such key: ${key}`))?.message).not.toContain(key);
    expect(classify(500, `authorization: Bearer another-secret`)?.message).not.toContain("another");
  });

  test("are one short line of plain text, without a stack", () => {
    const text = `Uncaught Error: no\n\u001b[31mmore\u0007\n    at handler (../convex/messages.ts:12:3)`;
    expect(classify(500, error(text))?.message).toBe(
      "OpenSync failed (HTTP 500): Uncaught Error: no [31mmore",
    );
    expect(classify(500, "x".repeat(65_536))!.message.length).toBeLessThan(400);
  });

  test("say where a redirect leads, but not more of the address than its host", () => {
    const failure = classify(301, "", { location: "https://login.example.com/?token=1" });
    expect(failure?.message).toContain("https://login.example.com (");
    expect(classify(301, "", { location: "/login" })?.message).toBe(
      "The address redirects (HTTP 301).",
    );
  });

  test("of any kind give a message of one line", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 599 }),
        fc.string({ unit: "binary" }),
        (status, body) => {
          for (const answer of [body, error(body)]) {
            const failure = classify(status, answer)!;
            expect(failure.message).not.toMatch(/[\p{Cc}]/u);
            expect(failure.message.isWellFormed()).toBe(true);
          }
        },
      ),
    );
  });
});

describe("Retry-After", () => {
  test.each([
    ["7", 7_000],
    ["0", 0],
    [" 1.5 ", 1_500],
    ["Thu, 01 Jan 2026 00:00:09 GMT", 9_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
  ])("%p is %p ms", (value, ms) => {
    expect(classify(429, "", { "retry-after": value })?.retryAfterMs).toBe(ms);
    expect(classify(503, "", { "retry-after": value })?.retryAfterMs).toBe(ms);
  });
});

test("only what may pass by itself is worth a repetition", () => {
  const kinds: FailureKind[] = [
    "unreachable",
    "timeout",
    "tls",
    "not-opensync",
    "unauthorised",
    "refused",
    "rate-limited",
    "server",
  ];
  expect(kinds.filter(isRetryable)).toEqual(["unreachable", "timeout", "rate-limited", "server"]);
});

test("a failure has the code and the hint of its kind", () => {
  expect(classify(401, error("Invalid API key"))).toMatchObject({
    code: "unauthorised",
    message: "OpenSync does not accept the API key (HTTP 401): Invalid API key",
    hint: expect.stringContaining("API key"),
  });
  expect(classify(400, error("no"))).toMatchObject({ code: "refused", hint: undefined });
  expect(classify(404, "")).toMatchObject({
    code: "network",
    hint: expect.stringContaining("address"),
  });
});
