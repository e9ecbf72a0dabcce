import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { buildDictionary } from "../../../../lib/redact/dictionary.ts";
import { rules } from "../../../../lib/redact/rules.ts";
import { createScanner } from "../../../../lib/redact/scan.ts";
import {
  findSecretsInFile,
  splitByAllowed,
} from "../../../../lib/settings/secrets/find-secrets.ts";
import type { SecretFinding } from "../../../../lib/settings/secrets/find-secrets.ts";
import { assemble, tokens } from "../../redact/samples.ts";
import { cleanFiles } from "./clean-files.ts";

const known = assemble("kn0wn", "-S3cret-of-this-machine");
const scanner = createScanner(buildDictionary([{ kind: "MY_TOKEN", value: known }]), rules);

const find = (content: string | Uint8Array, path = "file"): SecretFinding[] =>
  findSecretsInFile(path, typeof content === "string" ? Buffer.from(content) : content, {
    scanner,
  });

/** What is asked of each finding, in short. */
const brief = (content: string | Uint8Array) =>
  find(content).map(({ line, column, rule, confidence }) => [line, column, rule, confidence]);

const random = assemble("q7Zr9", "Lm2XvB4nT8wKd1s");
const openAi = assemble("sk-", "proj-", random, random);
const github = assemble("gh", "p_", "0123456789abcdefghijklmnopqrstuvwxyz");

/** The text from a finding's place on. */
function textAt(text: string, { line, column }: SecretFinding): string {
  const lines = text.split("\n");
  return lines
    .slice(line - 1)
    .join("\n")
    .slice(column - 1);
}

describe("clean files", () => {
  test.each(Object.entries(cleanFiles))("%s", (path, content) => {
    expect(find(content, path)).toEqual([]);
  });

  test("200 KB of minified JavaScript, fast", async () => {
    const built = await Bun.build({
      entrypoints: [
        join(import.meta.dirname, "../../../../node_modules/fast-check/lib/fast-check.js"),
      ],
      minify: true,
    });
    const content = Buffer.from((await built.outputs[0]?.text()) ?? "");
    expect(content.length).toBeGreaterThan(150_000);
    find(content);
    const start = performance.now();
    expect(find(content)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(200);
  });

  test("our own lock file, with its hashes", async () => {
    const root = join(import.meta.dirname, "../../../..");
    expect(find(await readFile(join(root, "bun.lock")))).toEqual([]);
  });
});

describe("JSON", () => {
  test("a literal under a key for secrets is one for sure", () => {
    const text = JSON.stringify(
      {
        providers: { x: { apiKey: random }, y: { headers: { Authorization: `Bearer ${random}` } } },
      },
      null,
      2,
    );
    expect(brief(text)).toEqual([
      [4, 18, "secret", "high"],
      [8, 34, "bearer-token", "high"],
    ]);
  });

  test.each([
    "OPENAI_API_KEY",
    "$FOO",
    "${FOO_2}",
    "!op read op://Private/OpenAI2/credential",
    "!get-key-2-of-mine",
    "<your key>",
    "your-api-key-123",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "ollama",
    "sk-no-key-required",
    "",
    "#3b82f6ff",
  ])("%p as its value is none", (apiKey) => {
    for (const key of ["apiKey", "token", "password", "client_secret"]) {
      expect(find(JSON.stringify({ models: [{ [key]: apiKey }] }))).toEqual([]);
    }
  });

  test("a command with a key in it has one all the same", () => {
    expect(brief(`{"apiKey": "!echo ${github}"}`)).toEqual([[1, 19, "github-token", "high"]]);
  });

  test("a vendor's shape names it, and it is found once", () => {
    expect(brief(`{"apiKey":"${openAi}"}`)).toEqual([[1, 12, "openai-key", "high"]]);
  });

  test("equal values have a finding at each place, with one id", () => {
    const findings = find(
      `{"note": "é\\n\\"😀", "a": [{"token": "${random}"}],\n"token": "${random}"}`,
    );
    expect(findings.map(({ line, column }) => [line, column])).toEqual([
      [1, 38],
      [2, 11],
    ]);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(1);
  });

  test("a value with escapes is found, also behind comments and with trailing commas", () => {
    const text = `// models\n{\n  "apiKey": "${random}\\/x\\u0041", // mine\n}`;
    expect(brief(text)).toEqual([[3, 14, "secret", "high"]]);
  });
});

describe("other text", () => {
  test("a private key, in a skill", () => {
    const body = "MIIEowIBAAKCAQEAx7Vb3kQ9ZpL2mN8sT4yU6wE1rI5oP0aSdFgHjKlZxCvBnM12\n".repeat(3);
    const text = `# Deploy\n\n${assemble("-----BEGIN ", "PRIVATE KEY-----")}\n${body}${assemble("-----END ", "PRIVATE KEY-----")}\n`;
    expect(brief(text)).toEqual([[3, 1, "private-key", "high"]]);
  });

  test("a name alone makes it no more than likely", () => {
    expect(brief(`const x = 1;\n  const apiKey = "${random}";`)).toEqual([
      [2, 19, "secret", "medium"],
    ]);
  });

  test("a secret of this machine is one for sure, in any encoding", () => {
    const rule = "my-token";
    expect(brief(`use ${known} here`)).toEqual([[1, 5, rule, "high"]]);
    const encoded = Buffer.from(`x:${known}`).toString("base64");
    expect(find(`Basic ${encoded}`).map(({ rule, confidence }) => [rule, confidence])).toEqual([
      [rule, "high"],
    ]);
  });

  test("the name of the file decides nothing", () => {
    for (const path of ["extensions/token-counter.ts", "themes/design-tokens.json", "secret.key"]) {
      expect(find("export const count = 1;", path)).toEqual([]);
      expect(find(`use ${github}`, path)).toHaveLength(1);
    }
  });
});

describe("bytes", () => {
  const text = `line\nkey ${github}\n`;
  const wide = Buffer.from(text, "utf16le");
  const big = Buffer.from(wide).swap16();

  test.each<[string, Uint8Array, number, number]>([
    ["UTF-8 with a byte order mark", Buffer.from(`\uFEFF${text}`), 2, 5],
    ["latin1", Buffer.from(`é\n${text}`, "latin1"), 3, 5],
    ["UTF-16", Buffer.concat([Buffer.from([0xff, 0xfe]), wide]), 2, 5],
    ["UTF-16 of the other order", Buffer.concat([Buffer.from([0xfe, 0xff]), big]), 2, 5],
    ["UTF-16, cut off", Buffer.concat([Buffer.from([0xfe, 0xff]), big, Buffer.from([0])]), 2, 5],
    ["UTF-16 without a mark", wide, 2, 10],
    ["a binary file", Buffer.concat([Buffer.from([0, 255, 10, 1]), Buffer.from(text)]), 3, 5],
    ["text of a program, at an odd place", Buffer.concat([Buffer.from([0, 7, 9]), wide]), 2, 10],
  ])("of %s", (_, content, line, column) => {
    expect(find(content).map((found) => [found.line, found.column, found.rule])).toEqual([
      [line, column, "github-token"],
    ]);
  });

  test("of an image hold nothing", () => {
    const noise = Array.from({ length: 20 }, (_, index) =>
      createHash("sha512").update(String(index)).digest(),
    );
    expect(find(Buffer.concat(noise))).toEqual([]);
    expect(find(`![](data:image/png;base64,${Buffer.concat(noise).toString("base64")})`)).toEqual(
      [],
    );
  });

  test("that are any at all are no trouble", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => Array.isArray(find(bytes))));
  });
});

describe("a finding", () => {
  const around = fc.string({ unit: fc.constantFrom("a", " ", "\n", "\r\n", "é", "😀", ";", "\t") });

  test("is where its secret begins, and shows no more than four characters of it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...tokens), around, around, (sample, before, after) => {
        const text = `${before}\n${sample.text}\n${after}`;
        const findings = find(text);
        expect(findings).toHaveLength(1);
        for (const finding of findings) {
          expect(textAt(text, finding)).toStartWith(sample.secret);
          expect(finding.start).toEndWith("…");
          expect(finding.start.length).toBeLessThanOrEqual(5);
          expect(sample.secret).toStartWith(finding.start.slice(0, -1));
          // The name of a rule may well begin as what it finds does: pypi-token.
          const { rule: _, ...shown } = finding;
          expect(JSON.stringify(shown)).not.toContain(sample.secret.slice(0, 5));
        }
      }),
      { numRuns: 400 },
    );
  });

  test("is where its value begins in JSON, whatever is around", () => {
    const other = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 });
    fc.assert(
      fc.property(other, other, fc.constantFrom("", " ", "\t"), (before, after, indent) => {
        const text = JSON.stringify({ before, apiKey: random, after }, null, indent);
        const findings = find(text).filter((finding) => textAt(text, finding).startsWith(random));
        expect(findings).toHaveLength(1);
      }),
    );
  });

  test("has the same id wherever it stands in the file, and another in another file", () => {
    const [first] = find(`use ${github}`, "a.md");
    const [moved] = find(`\n\n  use ${github} now`, "a.md");
    const [elsewhere] = find(`use ${github}`, "b.md");
    const [other] = find(`use ${github}0`, "a.md");
    expect(first?.id).toMatch(/^[0-9a-f]{12}$/);
    expect(moved?.id).toBe(first?.id as string);
    expect(new Set([first?.id, elsewhere?.id, other?.id]).size).toBe(3);
  });

  test("is allowed by its id alone", () => {
    const findings = find(`${github}\nconst apiKey = "${random}";`, "a.ts");
    const [first, second] = findings;
    expect(splitByAllowed(findings, [])).toEqual({ open: findings, allowed: [] });
    expect(splitByAllowed(findings, [first?.id ?? "", "0123456789ab"])).toEqual({
      open: [second as SecretFinding],
      allowed: [first as SecretFinding],
    });
  });
});
