import { expect, test } from "bun:test";
import { chmod, mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { systemClock } from "../../../lib/platform/clock.ts";
import { readLocalFile } from "../../../lib/settings/read-local.ts";
import { scanAgentDir } from "../../../lib/settings/scan.ts";
import { tempDir } from "../../support/temp.ts";

async function write(dir: string, path: string, content = "x"): Promise<string> {
  const place = join(dir, path);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, content);
  return place;
}

test("a file has its content, and the state that a scan gives", async () => {
  await using dir = await tempDir();
  await write(dir.path, "skills/a b/é.md", "content");
  await write(dir.path, "skills/empty.md", "");
  await chmod(await write(dir.path, "skills/run.sh", "#!"), 0o755);
  await write(dir.path, "settings.json", '{"theme":"dark","shellPath":"/bin/sh","mine":1}');
  await write(dir.path, "own/b.md", "linked");
  await symlink("../own", join(dir.path, "skills/link"));
  await truncate(await write(dir.path, "skills/large.bin"), 2 * 1024 * 1024 + 7);
  const selection = { include: [], exclude: [] };
  const localKeys = ["mine"];
  const { files } = await scanAgentDir({
    agentDir: dir.path,
    selection,
    localKeys,
    clock: systemClock,
  });
  expect(files.size).toBe(6);
  for (const [path, state] of files) {
    const file = await readLocalFile(dir.path, path, localKeys);
    expect(file?.state).toEqual(state);
    expect(file?.content.length).toBe(state.bytes);
  }
  const text = async (path: string): Promise<string> =>
    Buffer.from((await readLocalFile(dir.path, path, localKeys))!.content).toString();
  expect(await text("skills/link/b.md")).toBe("linked");
  expect(JSON.parse(await text("settings.json"))).toEqual({ theme: "dark" });
});

test("what is not there is undefined", async () => {
  await using dir = await tempDir();
  await write(dir.path, "skills/a.md");
  await write(dir.path, "settings.json", '{"shellPath":"/bin/sh"}');
  for (const path of ["AGENTS.md", "prompts/a.md", "skills/a.md/b", "settings.json"]) {
    expect(await readLocalFile(dir.path, path, [])).toBeUndefined();
  }
  expect(await readLocalFile(join(dir.path, "none"), "AGENTS.md", [])).toBeUndefined();
});

test("what is there and left out is refused, with the reason", async () => {
  await using dir = await tempDir();
  const agent = join(dir.path, "agent");
  await write(dir.path, "outside/a.md", "secret");
  await write(agent, "auth.json");
  await write(agent, "skills/folder/a.md");
  await write(agent, "settings.json", "{");
  await truncate(await write(agent, "skills/large"), 5 * 1024 * 1024 + 1);
  const links = {
    out: "../../outside",
    "out.md": "../../outside/a.md",
    auth: "../auth.json",
    loop: ".",
    nowhere: "none",
  };
  for (const [name, target] of Object.entries(links)) {
    await symlink(target, join(agent, "skills", name));
  }
  const reasons = {
    "skills/out/a.md": "leads out of",
    "skills/out.md": "leads out of",
    "skills/auth": "holds credentials",
    "skills/loop/folder/a.md": "a folder that it stands in",
    "skills/nowhere": "leads nowhere",
    "skills/large": "larger than 5 MB",
    "skills/folder": "a folder",
    "settings.json": "JSON",
    "../outside/a.md": "not a path below",
  };
  for (const [path, reason] of Object.entries(reasons)) {
    await expect(readLocalFile(agent, path, [])).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining(reason),
    });
  }
});

test("it is what is there now", async () => {
  await using dir = await tempDir();
  const place = await write(dir.path, "AGENTS.md", "one");
  const before = await readLocalFile(dir.path, "AGENTS.md", []);
  await writeFile(place, "two");
  const after = await readLocalFile(dir.path, "AGENTS.md", []);
  expect(after?.state.sha256).not.toBe(before?.state.sha256);
  await rm(place);
  expect(await readLocalFile(dir.path, "AGENTS.md", [])).toBeUndefined();
});
