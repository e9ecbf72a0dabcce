import { expect, test } from "bun:test";

import { choiceData, choiceEntryType, readChoice } from "../../../lib/session/choice.ts";
import { findLatest, inspectSession } from "../../../lib/session/inspect.ts";
import { tempDir } from "../../support/temp.ts";
import { headerLine, lineOf, put, readAll, userLine } from "./support.ts";

function choiceLine(data: unknown): string {
  return lineOf({ type: "custom", customType: choiceEntryType, data, id: "c", parentId: null });
}

test.each(["on", "off"] as const)("a choice that is written is read: %s", (choice) => {
  const entry = { type: "custom", customType: choiceEntryType, data: choiceData(choice) };
  expect(readChoice(JSON.parse(JSON.stringify(entry)) as typeof entry)).toBe(choice);
});

test.each([
  { type: "custom", customType: "other", data: { sync: "off" } },
  { type: "custom_message", customType: "opensync", data: { sync: "off" } },
  { type: "custom", customType: "opensync" },
  { type: "custom", customType: "opensync", data: "off" },
  { type: "custom", customType: "opensync", data: { sync: "Off" } },
  { type: "custom", customType: "opensync", data: { sync: true } },
  { type: "message", message: { content: '{"customType":"opensync","data":{"sync":"off"}}' } },
])("%j is none", (entry) => {
  expect(readChoice(entry)).toBeUndefined();
});

test("the last choice of a file counts", async () => {
  await using dir = await tempDir();
  const start = headerLine + userLine("a", "x");
  const path = await put(dir.path, start + choiceLine({ sync: "off" }) + userLine("b", "y"));
  expect(await inspectSession(path)).toMatchObject({ choice: "off" });
  expect(await findLatest(path, 0)).toEqual({ choice: "off" });
  await put(dir.path, start + choiceLine({ sync: "off" }) + choiceLine({ sync: "on" }));
  expect(await inspectSession(path)).toMatchObject({ choice: "on" });
  await put(dir.path, start + choiceLine({ sync: "off" }) + choiceLine({ sync: "nonsense" }));
  expect(await inspectSession(path)).toMatchObject({ choice: "off" });
});

test("a choice may stand before the first prompt", async () => {
  await using dir = await tempDir();
  const path = await put(dir.path, headerLine + choiceLine({ sync: "off" }) + userLine("a", "x"));
  expect(await inspectSession(path)).toMatchObject({ choice: "off", firstPrompt: "x" });
});

test("a choice is looked for from an offset on", async () => {
  await using dir = await tempDir();
  const path = await put(dir.path, headerLine + userLine("a", "x") + choiceLine({ sync: "off" }));
  const { end } = await readAll(path);
  expect(await findLatest(path, end)).toEqual({});
});

test("a text with the words of a choice is none", async () => {
  await using dir = await tempDir();
  const text = lineOf({ type: "custom", customType: "opensync", data: { sync: "off" } });
  const path = await put(dir.path, headerLine + userLine("a", text));
  expect((await inspectSession(path)) as object).not.toHaveProperty("choice");
});
