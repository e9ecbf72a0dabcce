import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { buildDictionary } from "../../../lib/redact/dictionary.ts";
import { createRedactor } from "../../../lib/redact/redact.ts";
import { assemble } from "./samples.ts";

const secret = "p/q+r&s=t\"u\\v'wé(7)";
const { redactText } = redactorOf(secret);

describe("a known secret", () => {
  const marker = "[redacted:own-key]";
  const encoded = encodeURIComponent(secret);
  const url = encoded.replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

  test.each([
    ["as it is", secret],
    ["JSON-escaped", JSON.stringify(secret).slice(1, -1)],
    ["URL-encoded", encoded],
    ["URL-encoded by RFC 3986", url],
    ["URL-encoded in lower case", encoded.replaceAll(/%../g, (code) => code.toLowerCase())],
    ["in base64", Buffer.from(secret).toString("base64")],
    ["in base64 for URLs", Buffer.from(secret).toString("base64url")],
  ])("is found %s", (_, form) => {
    expect(redactText(`before ${form} after ${form}`).value).toBe(
      `before ${marker} after ${marker}`,
    );
  });

  test.each(["", "u", "us", "user:"])(
    "is found in the base64 of a longer text after %j",
    (before) => {
      for (const after of ["", "x", "yz", "end"]) {
        const text = Buffer.from(before + secret + after).toString("base64");
        const [start = "", end = "", ...more] = redactText(text).value.split(marker);
        expect(more).toEqual([]);
        expect(before).toStartWith(Buffer.from(start, "base64").toString());
        expect(text).toEndWith(end);
        expect(start.length + end.length).toBeLessThan(text.length - secret.length);
      }
    },
  );

  test("goes with its neighbours' characters of base64 that hold bits of it", () => {
    expect(redactText(Buffer.from(`ab${secret}yz`).toString("base64")).value).toBe(`YW${marker}l6`);
  });

  test("is found inside a word", () => {
    expect(redactText(`abc${secret}def`).value).toBe(`abc${marker}def`);
  });

  test("that begins like another is found whole", () => {
    const long = assemble("Zk9-abcd", "efghij77");
    expect(redactorOf(long.slice(0, 12), long).redactText(`<${long}>`).value).toBe(`<${marker}>`);
  });

  test("gives its kind even where a rule applies", () => {
    const token = assemble("gh", "p_", "a1B2c3".repeat(6));
    expect(redactorOf(token).redactText(token).value).toBe(marker);
  });
});

describe("a value that text holds anyway", () => {
  test.each([
    "",
    "short7",
    "password",
    "password123",
    "localhost:8080",
    "aaaaaaaaaaaa",
    "12345678",
    "production",
    "osxkeychain",
    "secret-service",
    "correct-horse",
    "OPENAI_API_KEY",
    "https://api.example.test/v1",
    "/home/me/.config/token",
    "~/keys/api_key.txt",
    "./a/b/c/d",
    "C:\\Users\\me\\token.txt",
  ])("is no secret: %j", (value) => {
    expect(buildDictionary([{ kind: "own", value }])).toEqual([]);
  });

  test.each([
    "hunter2hunter2",
    "correct-horse-battery-staple",
    "/aB3+xY9/kLm0pQr5tUvW/1234abcdXYZ==",
    "1234567890123456",
    "postgres://app:pw@db/x",
    "aBcDeFgHiJkL",
  ])("is one if it is not: %j", (value) => {
    expect(buildDictionary([{ kind: "own", value }])).not.toEqual([]);
  });
});

test("kinds fit into a marker", () => {
  const kinds = ["GITHUB_TOKEN", "my provider/key]", "---", "é"].map((kind) => {
    const value = `value of ${kind} 1a2b3c`;
    return buildDictionary([{ kind, value }])[0]!.kind;
  });
  expect(kinds).toEqual(["github-token", "my-provider-key", "secret", "secret"]);
});

test("no secret remains in any encoding, wherever it stands", () => {
  const anySecret = fc
    .string({ unit: "binary", minLength: 8, maxLength: 60 })
    .filter((value) => buildDictionary([{ kind: "own", value }]).length > 0);
  const text = fc.string({ unit: "binary", maxLength: 20 });
  fc.assert(
    fc.property(anySecret, text, text, (secret, before, after) => {
      const { redactText } = redactorOf(secret);
      const whole = before + secret + after;
      expect(redactText(whole).value).not.toContain(secret);
      const json = JSON.stringify(secret).slice(1, -1);
      expect(redactText(JSON.stringify(whole)).value).not.toContain(json);
      const url = encodeURIComponent(secret.toWellFormed());
      expect(redactText(`?q=${url}&r=${after}`).value).not.toContain(url);
      for (const encoding of ["base64", "base64url"] as const) {
        const encoded = redactText(Buffer.from(whole).toString(encoding)).value;
        for (const piece of encoded.split(/\[redacted:[^\]]*\]/)) {
          expect(Buffer.from(piece, encoding).includes(Buffer.from(secret))).toBe(false);
        }
      }
    }),
    { numRuns: 300 },
  );
});

function redactorOf(...values: string[]): ReturnType<typeof createRedactor> {
  const secrets = values.map((value) => ({ kind: "own key", value }));
  return createRedactor({ dictionary: buildDictionary(secrets) });
}
