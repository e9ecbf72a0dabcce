import { expect, test } from "bun:test";
import { basename } from "node:path";

import { findLatest, inspectSession } from "../../../lib/session/inspect.ts";
import { tempDir } from "../../support/temp.ts";
import {
  append,
  fixture,
  fixtures,
  headerLine,
  lineOf,
  put,
  readAll,
  userLine,
} from "./support.ts";

const eventLog = "sandcastle_rpc-stdout_not-a-session-file.jsonl";

function nameLine(name: unknown): string {
  return lineOf({ type: "session_info", id: "n", parentId: null, timestamp: "t", name });
}

for (const path of fixtures) {
  const name = basename(path);
  test(`tells what ${name} is`, async () => {
    const found = await inspectSession(path);
    if (name === eventLog) {
      expect(found).toEqual({ kind: "skip", reason: "event log, not a session file" });
      return;
    }
    const { entries } = await readAll(path);
    expect(found).toMatchObject({ kind: "session", header: entries[0]! as object });
    expect((found as { firstPrompt?: string }).firstPrompt).toBeTruthy();
    const version = /^pi-(.*)_main_v3/.exec(name)?.[1];
    const expected = version ? `Survey session ✓ ${version}` : undefined;
    expect((found as { name?: string }).name).toBe(expected as string);
  });
}

test("finds the first prompt and the name of a real session", async () => {
  expect(await inspectSession(fixture("pi-0.52.12_main_v3.jsonl"))).toMatchObject({
    header: { version: 3, cwd: expect.any(String) as string },
    firstPrompt: expect.stringMatching(/^First question: what/) as string,
    name: "Survey session ✓ 0.52.12",
  });
});

test.each([
  ["", "empty"],
  ["\n \r\n", "empty"],
  ["no JSON\n", "no session header"],
  [userLine("a", "x"), "no session header"],
  ['{"type":"session","version":3}\n', "no session header"],
  [headerLine, "no prompt"],
  [headerLine + nameLine("x"), "no prompt"],
  [headerLine + userLine("a", "x").slice(0, -3), "no prompt"],
  [headerLine + lineOf({ type: "agent_start" }), "event log, not a session file"],
  [
    headerLine + lineOf({ type: "queue_update" }) + lineOf({ type: "message_start", message: {} }),
    "event log, not a session file",
  ],
])("%j is skipped: %s", async (content, reason) => {
  await using dir = await tempDir();
  const found = await inspectSession(await put(dir.path, content));
  expect(found).toEqual({ kind: "skip", reason: reason as "empty" });
});

test("damaged and empty lines may stand before the header", async () => {
  await using dir = await tempDir();
  const path = await put(dir.path, `\nnoise\n\uFEFF${headerLine}${userLine("a", "x")}`);
  expect(await inspectSession(path)).toMatchObject({ kind: "session", firstPrompt: "x" });
});

test("an unknown entry that is named like an event does not undo a prompt", async () => {
  await using dir = await tempDir();
  const image = userLine("a", [{ type: "image", data: "AAAA", mimeType: "image/png" }]);
  const path = await put(dir.path, headerLine + image + lineOf({ type: "turn_start" }));
  expect(await inspectSession(path)).toMatchObject({ kind: "session" });
});

test("a prompt can be an image, and the first text comes later", async () => {
  await using dir = await tempDir();
  const image = { type: "image", data: "AAAA", mimeType: "image/png" };
  const path = await put(dir.path, headerLine + userLine("a", [image]));
  expect(await inspectSession(path)).toEqual({
    kind: "session",
    header: (await readAll(path)).entries[0] as never,
  });
  await append(path, userLine("b", [image, { type: "text", text: "what is it?" }]));
  await append(path, userLine("c", "never mind"));
  expect(await inspectSession(path)).toMatchObject({ firstPrompt: "what is it?" });
});

test("the last name counts, and an empty one takes it away", async () => {
  await using dir = await tempDir();
  const start = headerLine + userLine("a", "x");
  const path = await put(dir.path, start + nameLine("one") + nameLine(" two "));
  expect(await inspectSession(path)).toMatchObject({ name: "two" });
  expect(await findLatest(path, 0)).toEqual({ name: "two" });
  for (const empty of ["", " ", undefined, 7]) {
    await append(path, nameLine("one") + nameLine(empty));
    expect(await inspectSession(path)).toMatchObject({ name: "" });
    expect(await findLatest(path, 0)).toEqual({ name: "" });
  }
});

test("a name is looked for from an offset on", async () => {
  await using dir = await tempDir();
  const path = await put(dir.path, headerLine + nameLine("one") + userLine("a", "x"));
  const { end } = await readAll(path);
  expect(await findLatest(path, 0)).toEqual({ name: "one" });
  expect(await findLatest(path, end)).toEqual({});
  await append(path, nameLine("two"));
  expect(await findLatest(path, end)).toEqual({ name: "two" });
});

test("a text with the words session_info is no name", async () => {
  await using dir = await tempDir();
  const text = '"session_info" {"type":"session_info","name":"fake","timestamp":"t"}';
  const nested = lineOf({ type: "custom", data: { type: "session_info", name: "fake" }, id: "c" });
  const path = await put(dir.path, headerLine + nameLine("real") + userLine("a", text) + nested);
  expect(await findLatest(path, 0)).toEqual({ name: "real" });
  expect(await inspectSession(path)).toMatchObject({ name: "real", firstPrompt: text });
});
