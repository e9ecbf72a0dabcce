import { expect } from "bun:test";
import { rm } from "node:fs/promises";

import { settingsHome } from "./settings-homes.ts";
import type { SettingsHome } from "./settings-homes.ts";

/**
 * A day's work of two machines, with the binary and as the README tells it: first set-up here,
 * bootstrap there, edits on both, a conflict, a rollback, a lost machine. `settings` is what the
 * storage is configured with.
 */
export async function workOneDay(settings: Record<string, unknown>): Promise<void> {
  await using laptop = await settingsHome();
  await using desk = await settingsHome();
  await laptop.writeConfig({ settings: { ...settings, machine: "laptop" } });
  await desk.writeConfig({ settings: { ...settings, machine: "desk" } });
  const sync = (home: SettingsHome): Promise<string> => mustRun(home, "sync", "--yes");

  // First set-up here.
  await laptop.write("settings.json", '{"theme": "dark", "shellPath": "/bin/zsh"}');
  await laptop.write("AGENTS.md", "Be brief.\n\nTest what you change.\n\nSay why.\n");
  await laptop.write("prompts/review.md", "Review this.\n");
  await laptop.write("prompts/ärger & co.md", "Why?\n");
  await laptop.write("skills/tide/run.sh", "#!/bin/sh\n", 0o755);
  await laptop.write("extensions/token-counter.ts", "export const limit = 4000;\n");
  expect(await sync(laptop)).toContain("Stored as #1.");

  // Bootstrap there.
  expect(await mustRun(desk, "status")).toContain("new in the storage");
  await sync(desk);
  const all = await laptop.tree();
  expect(await desk.tree()).toMatchObject({
    "AGENTS.md": all["AGENTS.md"]!,
    "skills/tide/run.sh*": "#!/bin/sh\n",
    "prompts/ärger & co.md": "Why?\n",
    "extensions/token-counter.ts": all["extensions/token-counter.ts"]!,
  });
  expect(JSON.parse(await desk.read("settings.json"))).toEqual({ theme: "dark" });

  // Edits on both go together.
  await laptop.write("AGENTS.md", "Be brief, please.\n\nTest what you change.\n\nSay why.\n");
  await laptop.write("settings.json", '{"theme": "light", "shellPath": "/bin/zsh"}');
  await desk.write("AGENTS.md", "Be brief.\n\nTest what you change.\n\nSay why, always.\n");
  await desk.write("settings.json", '{"theme": "dark", "packages": ["npm:tide"]}');
  await sync(laptop);
  await sync(desk);
  await sync(laptop);
  for (const home of [laptop, desk]) {
    expect(await home.read("AGENTS.md")).toBe(
      "Be brief, please.\n\nTest what you change.\n\nSay why, always.\n",
    );
    expect(JSON.parse(await home.read("settings.json"))).toMatchObject({
      theme: "light",
      packages: ["npm:tide"],
    });
  }

  // A conflict keeps both versions.
  await laptop.write("prompts/review.md", "Review this kindly.\n");
  await desk.write("prompts/review.md", "Review this strictly.\n");
  await sync(laptop);
  const conflict = await desk.run(["settings", "sync", "--yes"]);
  expect(conflict.exitCode).toBe(6);
  expect(await desk.read("prompts/review.md")).toBe("Review this strictly.\n");
  const copy = Object.keys(await desk.tree()).find((path) => path.includes(".conflict-"))!;
  expect(copy).toMatch(/^prompts\/review\.md\.conflict-\d{8}-\d{6}-laptop$/);
  await mustRun(desk, "resolve", "prompts/review.md", "mine");
  await sync(desk);
  await sync(laptop);
  expect(await laptop.read("prompts/review.md")).toBe("Review this strictly.\n");

  // A rollback, and it arrives.
  const history = (await laptop.json(["settings", "history"])) as {
    commits: { number: number; machine: string }[];
  };
  expect(history.commits.map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);
  await mustRun(laptop, "rollback", "1", "--yes");
  await sync(desk);
  expect(await desk.read("prompts/review.md")).toBe("Review this.\n");

  // A lost machine gets all back, and empties nobody.
  const before = await laptop.tree();
  await rm(desk.agentDir, { recursive: true });
  await sync(desk);
  await sync(laptop);
  expect(await laptop.tree()).toEqual(before);
  expect(await desk.read("AGENTS.md")).toBe(await laptop.read("AGENTS.md"));
  expect(await mustRun(laptop, "status")).toContain("the same settings");
}

/** Runs a command that has to go well; gives what it printed. */
async function mustRun(home: SettingsHome, ...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await home.run(["settings", ...words]);
  expect({ words, exitCode, stderr }).toEqual({ words, exitCode: 0, stderr: expect.any(String) });
  return stdout;
}
