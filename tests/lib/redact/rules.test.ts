import { describe, expect, test } from "bun:test";
import { createRedactor } from "../../../lib/redact/redact.ts";
import { rules } from "../../../lib/redact/rules.ts";
import { assemble, lookAlikes, tokens } from "./samples.ts";

const { redactText } = createRedactor({ dictionary: [] });

const startOf = (text: string): string => text.slice(0, 40).replaceAll("\n", " ");

describe("the table", () => {
  test.each(tokens.map((sample) => ({ ...sample, start: startOf(sample.text) })))(
    "takes $kind out of: $start",
    ({ kind, text, secret }) => {
      expect(redactText(text).value).toBe(text.replace(secret, `[redacted:${kind}]`));
    },
  );

  test.each(lookAlikes.map((text) => ({ text, start: startOf(text) })))(
    "leaves alone: $start",
    ({ text }) => {
      expect(redactText(text)).toEqual({ value: text, findings: [] });
    },
  );

  test.each([
    ["a terminal colour", "\u001b[1;32m", "\u001b[0m"],
    ["an encoded sign", "q%3D", "%26b"],
    ["an escaped line break", "a\\n", "\\n"],
  ])("finds a token after %s", (_, before, after) => {
    const token = assemble("hf", "_", "a1B2c3".repeat(6));
    const { value } = redactText(before + token + after);
    expect(value).toBe(`${before}[redacted:huggingface-token]${after}`);
  });

  test("finds none in the midst of a word", () => {
    const text = assemble("xhf", "_", "a1B2c3".repeat(6));
    expect(redactText(text).value).toBe(text);
  });

  test("has a sample of every kind", () => {
    const sampled = new Set(tokens.map(({ kind }) => kind));
    expect(rules.map(({ id }) => id).filter((id) => !sampled.has(id))).toEqual([]);
  });

  test("has hints of three characters or more, which the index needs", () => {
    expect(rules.flatMap(({ hints }) => hints).filter((hint) => hint.length < 3)).toEqual([]);
  });
});
