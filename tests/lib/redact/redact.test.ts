import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { MessagePut, Part } from "../../../lib/opensync/wire.ts";
import { buildDictionary } from "../../../lib/redact/dictionary.ts";
import { createRedactor } from "../../../lib/redact/redact.ts";
import { assemble, lookAlikes, tokens } from "./samples.ts";

const token = assemble("gh", "p_", "a1B2c3".repeat(6));
const own = "Zk9-own/secret+7";
const dictionary = buildDictionary([{ kind: "own", value: own }]);
const redactor = createRedactor({ dictionary });
const salted = createRedactor({ dictionary, salt: "of this installation" });

const message = (parts: Part[], textContent?: string): MessagePut => ({
  sessionExternalId: "s",
  externalId: "s:1",
  role: "assistant",
  ...(textContent === undefined ? {} : { textContent }),
  parts,
});
const redactContent = (content: unknown): unknown =>
  redactor.redactMessage(message([{ type: "tool-call", content }])).value.parts?.[0]?.content;

describe("a text", () => {
  test("without secrets is handed back", () => {
    expect(redactor.redactText("nothing")).toEqual({ value: "nothing", findings: [] });
  });

  test("keeps everything around its secrets", () => {
    const { value } = redactor.redactText(`a ${token}\nb ${own}${own} c`);
    expect(value).toBe("a [redacted:github-token]\nb [redacted:own][redacted:own] c");
  });

  test("loses secrets that overlap as one", () => {
    const { value, findings } = redactor.redactText(`x ${token}${own} y`);
    expect(value).toBe("x [redacted:own] y");
    expect(findings).toHaveLength(1);
  });

  test("loses a secret that shows only when the one before it is gone", () => {
    expect(redactor.redactText(`${own}${token}`).value).toBe(
      "[redacted:own][redacted:github-token]",
    );
  });

  test("keeps its markers, and loses a secret that sticks out of one", () => {
    const { redactText } = redactorOf("ed:jwt#3f9a", "t]tail-1a2b3c");
    expect(redactText("[redacted:jwt#3f9a] x").value).toBe("[redacted:jwt#3f9a] x");
    expect(redactText("[redacted:jwt]tail-1a2b3c x").value).toBe("[redacted:own] x");
  });
});

describe("a salt", () => {
  const tag = (value: string): string | undefined => /#([0-9a-f]{4})\]$/.exec(value)?.[1];

  test("makes equal secrets recognisable, also in another encoding", () => {
    const encoded = Buffer.from(own).toString("base64");
    const [plain, base64] = [own, encoded].map((text) => tag(salted.redactText(text).value));
    expect(plain).toBeString();
    expect(base64).toBe(plain);
    expect(tag(salted.redactText(token).value)).not.toBe(plain);
  });

  test("of another installation gives another tag", () => {
    const other = createRedactor({ dictionary, salt: "of another" });
    expect(other.redactText(own).value).not.toBe(salted.redactText(own).value);
  });
});

describe("a message", () => {
  test("without secrets is handed back as the same object", () => {
    const put = message([{ type: "text", content: "nothing" }], "nothing");
    expect(redactor.redactMessage(put).value).toBe(put);
  });

  test("loses the same from its text and from its text part", () => {
    const text = `export TOKEN=${token}`;
    const { value } = salted.redactMessage(message([{ type: "text", content: text }], text));
    expect(value.textContent).toContain("[redacted:github-token#");
    expect(value.parts?.[0]?.content).toBe(value.textContent!);
  });

  test("is searched at any depth, and what has no secret is not copied", () => {
    const clean = { path: "/a", lines: [1, null, true] };
    const content = { name: "bash", args: [clean, { command: [`echo ${own}`] }] };
    const value = redactContent(content) as typeof content;
    expect(value).toEqual({ name: "bash", args: [clean, { command: ["echo [redacted:own]"] }] });
    expect(value.args[0]).toBe(clean);
  });

  test("says where its secrets stood, and shows a quarter of them at most", () => {
    const content = { args: { command: `echo ${token}`, pin: "x" }, list: [0, own] };
    const { findings } = redactor.redactMessage(message([{ type: "tool-call", content }], own));
    expect(findings).toEqual([
      { kind: "own", where: "textContent", masked: "Zk9-…" },
      { kind: "github-token", where: "parts[0].content.args.command", masked: "ghp_…" },
      { kind: "own", where: "parts[0].content.list[1]", masked: "Zk9-…" },
    ]);
    const short = redactorOf("aB3dE5gH").redactText("aB3dE5gH");
    expect(short.findings[0]?.masked).toBe("aB…");
  });

  test("loses literal values of keys that name a secret", () => {
    const value = "plainValue1x";
    expect(redactContent({ apiKey: value, DB_PASSWORD: value, access_token: value })).toEqual({
      apiKey: "[redacted:secret]",
      DB_PASSWORD: "[redacted:password]",
      access_token: "[redacted:secret]",
    });
  });

  test("keeps references, placeholders and sentences under such keys", () => {
    const content = {
      apiKey: "$OPENAI_API_KEY",
      token: "process.env.TOKEN_2",
      secret: "<your secret>",
      password: "Enter it at step 3, please!",
      accessKey: "s1h2o3r",
      nextPageToken: "CAUQAA1234abcd5678",
      tokens: "plainValue1x",
      private_key: "aB".repeat(1e5),
    };
    expect(redactContent(content)).toBe(content);
  });

  test("loses secrets that are keys, and no value with them", () => {
    expect(redactContent({ [own]: 1, [Buffer.from(own).toString("base64")]: 2 })).toEqual({
      "[redacted:own]": 1,
      "[redacted:own] (2)": 2,
    });
  });

  test("keeps a key named __proto__ a key", () => {
    const value = redactContent(JSON.parse(`{"__proto__": {"a": "${own}"}}`)) as object;
    expect(JSON.stringify(value)).toBe('{"__proto__":{"a":"[redacted:own]"}}');
  });

  test("may be a thousand levels deep", () => {
    const deep = JSON.parse(`${'{"a":['.repeat(500)}"${own}"${"]}".repeat(500)}`) as unknown;
    expect(JSON.stringify(redactContent(deep))).toContain('"[redacted:own]"');
  });
});

test("a session loses secrets of its title", () => {
  const put = { externalId: "s", title: `use ${token}`, projectPath: "/p" };
  const { value, findings } = redactor.redactSession(put);
  expect(value).toEqual({ ...put, title: "use [redacted:github-token]" });
  expect(findings).toEqual([{ kind: "github-token", where: "title", masked: "ghp_…" }]);
  expect(redactor.redactSession({ externalId: "s" }).findings).toEqual([]);
});

describe("whatever a message holds", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      own,
      "\ud800",
      "[redacted:own]",
      "[redacted:",
      "]",
      '"',
      "=",
      "token",
      "apiKey",
    ),
    fc.constantFrom(...tokens.map(({ text }) => text), ...lookAlikes),
  );
  const text = fc.array(anyText, { maxLength: 6 }).map((pieces) => pieces.join(""));
  const key = fc.oneof(anyText, fc.constantFrom("apiKey", "password", "__proto__", "0"));
  const { value: content } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom(null, true, -0, 1.5),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  }));
  const put = fc
    .record({ content, text })
    .map(({ content, text }) => message([{ type: "tool-call", content }], text));

  test.each([
    ["without a salt", redactor],
    ["with a salt", salted],
  ])("its redaction %s is complete, and the same when done twice", (_, { redactMessage }) => {
    fc.assert(
      fc.property(put, (put) => {
        const once = redactMessage(put);
        expect(JSON.stringify(once.value)).not.toContain(own);
        const twice = redactMessage(once.value);
        expect(twice.findings).toEqual([]);
        expect(twice.value).toBe(once.value);
      }),
      { numRuns: 500 },
    );
  });

  test("all but the strings with secrets stays as it was", () => {
    fc.assert(
      fc.property(put, (put) => {
        const { value, findings } = redactor.redactMessage(put);
        expect(findings.length === 0).toBe(value === put);
        expectSameButMarkers(put, value);
      }),
      { numRuns: 500 },
    );
  });
});

/** The same structure, and the same strings but for those where a marker came in. */
function expectSameButMarkers(before: unknown, after: unknown): void {
  if (typeof before === "string" && before !== after) {
    expect(after).toContain("[redacted:");
    return;
  }
  if (typeof before !== "object" || before === null) {
    expect(after).toBe(before);
    return;
  }
  expect(Array.isArray(after)).toBe(Array.isArray(before));
  const [old, now] = [Object.entries(before), Object.entries(after as object)];
  expect(now).toHaveLength(old.length);
  if (now.some(([key]) => key.includes("[redacted:"))) return;
  old.forEach(([key, value], index) => {
    expect(now[index]?.[0]).toBe(key);
    expectSameButMarkers(value, now[index]?.[1]);
  });
}

function redactorOf(...values: string[]): ReturnType<typeof createRedactor> {
  const secrets = values.map((value) => ({ kind: "own", value }));
  return createRedactor({ dictionary: buildDictionary(secrets) });
}
