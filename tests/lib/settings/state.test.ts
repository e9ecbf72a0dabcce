import { expect, test } from "bun:test";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { RemoteFile } from "../../../lib/settings/file-state.ts";
import type { RemoteState } from "../../../lib/settings/remote/state.ts";
import { readCreateMode, readState, saveState } from "../../../lib/settings/state.ts";
import type { SyncState } from "../../../lib/settings/state.ts";
import { tempDir } from "../../support/temp.ts";

const id = "20261121T093012Z-3f9a2c1d";
const file: RemoteFile = { sha256: "a".repeat(64), bytes: 3, isExecutable: false, snapshot: id };
const remote: RemoteState = {
  head: { number: 1, id, createdAt: 1_700_000_000_000, machine: "m" },
  files: new Map([["AGENTS.md", file]]),
  checkpoint: 1,
  chainBytes: 0,
  key: undefined,
};
const full: SyncState = {
  base: new Map([["AGENTS.md", file]]),
  remote,
  createMode: "atomic",
  copies: new Map([["AGENTS.md", { path: "AGENTS.md.conflict", sha256: file.sha256 }]]),
};

test("what is saved is read again, also how the storage creates alone", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const nothing = await readState(stateDir);
  expect(nothing.base).toBeUndefined();
  expect(await readCreateMode(stateDir)).toBeUndefined();
  await saveState({ stateDir }, nothing, full);
  expect(await readState(stateDir)).toEqual(full);
  expect(await readCreateMode(stateDir)).toBe("atomic");
});

test("each change is written, and what is the same is not", async () => {
  await using dir = await tempDir();
  const stateDir = dir.path;
  await saveState({ stateDir }, await readState(stateDir), full);
  const state = await readState(stateDir);
  const copy = { base: new Map(state.base), copies: new Map(state.copies) };
  expect(await isWritten(stateDir, state, copy)).toBe(false);

  const other = { ...file, snapshot: "20261121T093012Z-00000000" };
  const changes: Partial<SyncState>[] = [
    { base: undefined },
    { base: new Map() },
    { base: new Map([["AGENTS.md", other]]) },
    { base: new Map([["AGENTS.md", { ...file, isExecutable: true }]]) },
    { base: new Map([["models.json", file]]) },
    { base: new Map([...(state.base ?? []), ["models.json", file]]) },
    { remote: { ...remote, checkpoint: 0 } },
    { createMode: "degraded" },
    { copies: new Map() },
  ];
  for (const change of changes) expect(await isWritten(stateDir, state, change)).toBe(true);
});

test("what can't be understood is as nothing", async () => {
  await using dir = await tempDir();
  const broken = JSON.stringify({ version: 1, base: { "AGENTS.md": {} }, createMode: "atomic" });
  for (const text of ["", "[]", '{"version":2,"createMode":"atomic"}', broken]) {
    await writeFile(join(dir.path, "state.json"), text);
    expect((await readState(dir.path)).base).toBeUndefined();
    expect((await readState(dir.path)).createMode).toBeUndefined();
  }
});

/** A file that is written anew is another one. */
async function isWritten(
  stateDir: string,
  before: SyncState,
  changes: Partial<SyncState>,
): Promise<boolean> {
  const path = join(stateDir, "state.json");
  const { ino, ctimeMs } = await stat(path);
  await saveState({ stateDir }, before, changes);
  const now = await stat(path);
  return now.ino !== ino || now.ctimeMs !== ctimeMs;
}
