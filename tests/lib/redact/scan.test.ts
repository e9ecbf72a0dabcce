import { describe, expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDictionary } from "../../../lib/redact/dictionary.ts";
import { createRedactor } from "../../../lib/redact/redact.ts";
import { rules } from "../../../lib/redact/rules.ts";
import { createScanner } from "../../../lib/redact/scan.ts";
import { assemble } from "./samples.ts";

const sessions = join(import.meta.dirname, "../../fixtures/sessions");

describe("real sessions", () => {
  test("hold nothing that the rules take for a secret", async () => {
    const scan = createScanner([], rules);
    const found: string[] = [];
    for (const name of await readdir(sessions)) {
      if (!name.endsWith(".jsonl")) continue;
      for (const line of (await readFile(join(sessions, name), "utf8")).split("\n")) {
        const texts = readTexts(line);
        found.push(...texts.flatMap((text) => scan(text).map(({ secret }) => secret)));
      }
    }
    expect(found).toEqual([]);
  });
});

/** One megabyte of what makes careless patterns go back and forth for minutes. */
const hostile: Record<string, string> = {
  "one letter": "a",
  base64: "QUJDREVGR0hJSktMTU5PUFFS",
  digits: "1234567890",
  "whole prefixes": "xoxb-",
  "prefixes that are rejected": "sk-ant-your-",
  "starts of tokens": "eyJ",
  "starts of tokens, with dots": "eyJhbGciOiJIUzI1NiJ9.",
  "prefixes in a row": "ghp_sk-AKIA_",
  "prefixes and words": "sk-proj-abc hf_abc npm_abc ",
  quotes: '"',
  backslashes: "\\",
  blanks: " ",
  dashes: "-",
  "starts of keys": "-----BEGIN RSA PRIVATE KEY-----\n",
  "starts of keys, with bodies": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq-",
  "names and quotes": 'key="',
  "names and open values": 'password="abc',
  "names and signs": "token=",
  "names, signs and digits": "API_KEY=a1",
  "names and colons": "secret:",
  "names and blanks": "password   :   ",
  flags: "--token ",
  addresses: "://a:b",
  "addresses with signs": "://a:b@",
  schemes: "Bearer ",
  "schemes with base64": "Basic QTpC",
  brackets: "[redacted:jwt",
  markers: "[redacted:jwt]",
  "markers and secrets": assemble(
    "[redacted:jwt]gh",
    "p_",
    "0123456789abcdefghijklmnopqrstuvwxyz ",
  ),
  "lone surrogates": "\ud800x",
};

describe("a megabyte", () => {
  const secrets = Array.from({ length: 100 }, (_, index) => `aaaaaaaaaaaaQ${index}bcd`);
  const dictionary = buildDictionary(secrets.map((value) => ({ kind: "own", value })));
  const { redactText } = createRedactor({ dictionary });

  test.each(Object.entries(hostile))("of %s takes less than a second", (_, piece) => {
    const text = piece.repeat(Math.ceil(1e6 / piece.length));
    const start = cpuMs();
    redactText(`${text}!`);
    redactText(`password="${text}`);
    redactText(`eyJhbGciOi${text}`);
    expect((cpuMs() - start) / 3).toBeLessThan(1000);
  });

  test("in all of any one hint takes less than two", () => {
    const hints = [...new Set(rules.flatMap(({ hints }) => hints))];
    const slow = hints.filter((hint) => {
      const start = cpuMs();
      redactText(hint.repeat(1e5 / hint.length));
      return cpuMs() - start > 200;
    });
    expect(slow).toEqual([]);
  });

  test("twenty of them in one run of letters do not exhaust the matcher", () => {
    const token = assemble("gh", "p_", "aB3".repeat(7e6));
    expect(redactText(token).value).toStartWith("[redacted:github-token]");
  });
});

/** All strings in a line of a session file; none if the line is not JSON. */
function readTexts(line: string): string[] {
  const texts: string[] = [];
  try {
    JSON.parse(line, (_, value: unknown) => {
      if (typeof value === "string") texts.push(value);
      return value;
    });
  } catch {
    return texts;
  }
  return texts;
}

/** What this process has computed, whatever else the machine does. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
