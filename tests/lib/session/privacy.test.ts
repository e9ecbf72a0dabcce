import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { choiceData, choiceEntryType } from "../../../lib/session/choice.ts";
import type { SyncChoice } from "../../../lib/session/choice.ts";
import { findPrivacy } from "../../../lib/session/privacy.ts";
import { SessionBuilder } from "../../support/session.ts";
import { tempDir } from "../../support/temp.ts";
import { put } from "./support.ts";

/** Writes a session with a prompt and choices; gives its path. */
function session(
  dir: string,
  name: string,
  choices: SyncChoice[] = [],
  header: object = {},
): Promise<string> {
  const built = new SessionBuilder(header);
  built.user("hello");
  for (const choice of choices) {
    built.add("custom", { customType: choiceEntryType, data: choiceData(choice) });
  }
  return put(dir, built.toJsonl(), `${name}.jsonl`);
}

const fork = "fork of a private session";

test("a session without a choice and a parent is not private", async () => {
  expect(await findPrivacy(undefined, undefined)).toBeUndefined();
});

test("its own choice counts, whatever its parent's", async () => {
  await using dir = await tempDir();
  const off = await session(dir.path, "off", ["off"]);
  const on = await session(dir.path, "on", ["on"]);
  expect(await findPrivacy("off", on)).toBe("kept private");
  expect(await findPrivacy("on", off)).toBeUndefined();
});

describe("without a choice of its own", () => {
  test("a fork follows what was chosen last for its parent", async () => {
    await using dir = await tempDir();
    expect(await findPrivacy(undefined, await session(dir.path, "a", ["off"]))).toBe(fork);
    expect(await findPrivacy(undefined, await session(dir.path, "b", ["on", "off"]))).toBe(fork);
    expect(await findPrivacy(undefined, await session(dir.path, "c", ["off", "on"]))).toBe(
      undefined,
    );
    expect(await findPrivacy(undefined, await session(dir.path, "d"))).toBeUndefined();
  });

  test("it follows the nearest ancestor for whom something was chosen", async () => {
    await using dir = await tempDir();
    const first = await session(dir.path, "first", ["off"]);
    const second = await session(dir.path, "second", [], { parentSession: first });
    const third = await session(dir.path, "third", [], { parentSession: second });
    expect(await findPrivacy(undefined, third)).toBe(fork);
    const public_ = await session(dir.path, "public", ["on"], { parentSession: second });
    const last = await session(dir.path, "last", [], { parentSession: public_ });
    expect(await findPrivacy(undefined, last)).toBeUndefined();
  });

  test("a parent that is gone, or is no session, says nothing", async () => {
    await using dir = await tempDir();
    expect(await findPrivacy(undefined, join(dir.path, "gone.jsonl"))).toBeUndefined();
    expect(await findPrivacy(undefined, dir.path)).toBeUndefined();
    expect(await findPrivacy(undefined, await put(dir.path, "noise\n"))).toBeUndefined();
    const orphan = await session(dir.path, "orphan", [], { parentSession: "/gone.jsonl" });
    expect(await findPrivacy(undefined, orphan)).toBeUndefined();
  });

  test("sessions that are each other's parents end", async () => {
    await using dir = await tempDir();
    const a = join(dir.path, "a.jsonl");
    const b = await session(dir.path, "b", [], { parentSession: a });
    await session(dir.path, "a", [], { parentSession: b });
    expect(await findPrivacy(undefined, a)).toBeUndefined();
    const self = join(dir.path, "self.jsonl");
    await session(dir.path, "self", [], { parentSession: self });
    expect(await findPrivacy(undefined, self)).toBeUndefined();
  });

  test("a parent's path may begin in the project's folder", async () => {
    await using dir = await tempDir();
    await session(dir.path, "parent", ["off"]);
    const child = await session(dir.path, "child", [], {
      cwd: dir.path,
      parentSession: "./parent.jsonl",
    });
    expect(await findPrivacy(undefined, child)).toBe(fork);
  });

  // A header of version 1 names its parent `branchedFrom`.
  test("an old fork follows its parent, too", async () => {
    await using dir = await tempDir();
    const parent = await session(dir.path, "parent", ["off"]);
    const old = await session(dir.path, "old", [], { branchedFrom: parent });
    expect(await findPrivacy(undefined, old)).toBe(fork);
  });
});
