import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AppError } from "../../../lib/errors.ts";
import { resolveBaseUrl } from "../../../lib/opensync/base-url.ts";

const hosted = "https://api.opensync.dev";

describe("what people paste becomes the address of the API", () => {
  test.each([
    ["https://api.opensync.dev", hosted],
    ["  https://api.opensync.dev/ \n", hosted],
    ["https://api.opensync.dev/health", hosted],
    ["api.opensync.dev", hosted],
    ["http://API.OpenSync.dev", hosted],
    ["https://app.opensync.dev/settings?tab=api#key", hosted],
    ["opensync.dev", hosted],
    ["www.opensync.dev/docs", hosted],
    ["https://reminiscent-gull-645.convex.cloud", hosted],
    ["https://reminiscent-gull-645.convex.site/", hosted],
    ["https://polished-penguin-622.convex.site", hosted],
    ["happy-otter-1.convex.cloud", "https://happy-otter-1.convex.site"],
    [
      "https://happy-otter-1.eu-west-1.convex.cloud/",
      "https://happy-otter-1.eu-west-1.convex.site",
    ],
    ["https://happy-otter-1.convex.site/sync", "https://happy-otter-1.convex.site"],
    ["https://happy-otter-1.convex.site/sync/session/", "https://happy-otter-1.convex.site"],
    ["https://happy-otter-1.convex.site/api/sessions", "https://happy-otter-1.convex.site"],
    ["https://example.com/open/sync", "https://example.com/open"],
    ["https://example.com/open//", "https://example.com/open"],
    ["https://example.com/asynchronous", "https://example.com/asynchronous"],
    ["https://example.com:8443/opensync/", "https://example.com:8443/opensync"],
    ["https://convex.cloud.example.com", "https://convex.cloud.example.com"],
    ["localhost:3211", "http://localhost:3211"],
    ["127.0.0.1:3211/health", "http://127.0.0.1:3211"],
    ["[::1]:3211", "http://[::1]:3211"],
    ["http://127.8.8.8:1/", "http://127.8.8.8:1"],
    ["https://localhost:3211", "https://localhost:3211"],
  ])("%s", (pasted, expected) => {
    expect(resolveBaseUrl(pasted)).toBe(expected);
  });
});

describe("what cannot be an address is refused", () => {
  test.each([
    ["", "empty"],
    ["   ", "empty"],
    ["osk_abcdefabcdefabcdefabcdefabcdef12", "is an API key"],
    ["not an address", "not a web address"],
    ["https://", "not a web address"],
    ["ftp://example.com", "starts with ftp://"],
    ["http://example.com", "in clear"],
    ["http://192.168.1.2:3211", "in clear"],
    ["http://0.0.0.0:3211", "in clear"],
    ["http://127.0.0.1.example.com", "in clear"],
    ["http://localhost.example.com", "in clear"],
    ["http://happy-otter-1.convex.site", "in clear"],
    ["https://me:secret@example.com", "user name or password"],
    ["https://osk_secret@example.com", "user name or password"],
    ["https://example.com/?key=secret", "after its path"],
    ["https://example.com/#secret", "after its path"],
  ])("%p", (pasted, words) => {
    const error = failureOf(() => resolveBaseUrl(pasted));
    expect(error.code).toBe("config");
    expect(error.message).toContain(words);
    expect(error.hint).toBeString();
    expect(`${error.message} ${error.hint}`).not.toMatch(/secret|osk_abc/);
  });
});

test("an address that was resolved stays as it is", () => {
  const pasted = fc.oneof(
    fc.webUrl(),
    fc.domain(),
    fc.domain().map((host) => `${host}/sync/`),
  );
  fc.assert(
    fc.property(pasted, (pasted) => {
      let once: string;
      try {
        once = resolveBaseUrl(pasted);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        return;
      }
      expect(resolveBaseUrl(once)).toBe(once);
      expect(once).not.toEndWith("/");
    }),
    { numRuns: 500 },
  );
});

function failureOf(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("expected a failure");
}
