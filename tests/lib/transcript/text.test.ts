import { expect, test } from "bun:test";

import { contentText, withoutControls, withoutEscapes } from "../../../lib/transcript/text.ts";
import { buildDictionary } from "../../../lib/redact/dictionary.ts";
import { createRedactor } from "../../../lib/redact/redact.ts";

test("colours, links and cursor movements are left out, and nothing else", () => {
  const text =
    "\u001b[1;31mred\u001b[0m \u001b]8;;https://a.example\u001b\\link\u001b]8;;\u0007\u001b[2K!";
  expect(withoutEscapes(text)).toBe("red link!");
  expect(withoutEscapes("a\tb\r\n\u0000[31m")).toBe("a\tb\r\n\u0000[31m");
  expect(withoutControls("bell\u0007 \u001b[1mbold\u001b[0m")).toBe("bell bold");
});

test("a colour in the middle of a secret does not hide it", () => {
  const key = ["AKIA", "IOSFODNN7", "EXAMPLQ"].join("");
  const coloured = `key = ${key.slice(0, 9)}\u001b[01;31m\u001b[K${key.slice(9, 14)}\u001b[m\u001b[K${key.slice(14)}`;
  const redactor = createRedactor({ dictionary: buildDictionary([]), salt: "s" });
  for (const content of [coloured, [{ type: "text", text: coloured }]]) {
    const sent = redactor.redactText(contentText(content)).value;
    expect(sent).toStartWith("key = [redacted:aws-access-key-id#");
    expect(sent).not.toContain("EXAMPLQ");
  }
});
