import { describe, expect, test } from "bun:test";
import { createRedactor } from "../../../lib/redact/redact.ts";
import { rules } from "../../../lib/redact/rules.ts";
import { lookAlikes, tokens } from "./samples.ts";

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

  test("has a sample of every kind", () => {
    const sampled = new Set(tokens.map(({ kind }) => kind));
    expect(rules.map(({ id }) => id).filter((id) => !sampled.has(id))).toEqual([]);
  });

  test("has hints of three characters or more, which the index needs", () => {
    expect(rules.flatMap(({ hints }) => hints).filter((hint) => hint.length < 3)).toEqual([]);
  });
});
