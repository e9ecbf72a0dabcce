/** Measures redaction under the runtime that runs it: prints MB/s for the strings of a corpus. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { buildDictionary } from "../../lib/redact/dictionary.ts";
import { createRedactor } from "../../lib/redact/redact.ts";
import { interleave } from "./bench.ts";

const [dir = "", secrets = "0"] = process.argv.slice(2);
const texts = readTexts(dir);
const { redactText } = createRedactor({
  dictionary: buildDictionary(makeSecrets(Number(secrets))),
});
const { redact = NaN } = await interleave(5, {
  redact: () => {
    for (const text of texts) redactText(text);
  },
});
const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
console.log(bytes / 1e3 / redact);

/** Every string of the sessions but images, decoded, as the redactor gets it. */
function readTexts(dir: string): string[] {
  const texts: string[] = [];
  const collect = (key: string, value: unknown): unknown => {
    if (typeof value === "string" && key !== "data") texts.push(value);
    return value;
  };
  for (const name of readdirSync(dir, { recursive: true }) as string[]) {
    if (!name.endsWith(".jsonl")) continue;
    for (const line of readFileSync(join(dir, name), "utf8").split("\n")) {
      if (line.endsWith("}")) JSON.parse(line, collect);
    }
  }
  return texts;
}

function makeSecrets(count: number): { kind: string; value: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: "secret",
    value: createHash("sha256").update(String(index)).digest("base64"),
  }));
}
