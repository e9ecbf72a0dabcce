/** What the storage may hold, whoever wrote it; and what may not get there. */

import { expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { copyConflicts } from "../../../../lib/settings/conflict-copies.ts";
import { syncedPair } from "../../../support/settings-pair.ts";

const { signal } = new AbortController();
const token = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;

// Suspicion: a path from the storage reaches the disk, or a machine's name a file's name.
test("paths that are none stay in the storage, and names are made harmless", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  const before = await readdir(desktop.env["HOME"]!, { recursive: true });
  const context = await laptop.context();
  const paths = [
    "../../outside",
    "/var/outside",
    "auth.json",
    ".git/hooks/post-checkout",
    "prompts/../../../outside",
    "prompts/\u001b[2J.md",
    "prompts/a.md.conflict-20261121-093012-m",
    "skills/CON/SKILL.md",
    "sessions/x.jsonl",
    "prompts/good.md",
    "prompts/a.md",
  ];
  const file = { content: Buffer.from("theirs\n"), isExecutable: true };
  const parent = await context.log.read(undefined, signal);
  await context.log.publish(
    {
      parent,
      kind: "push",
      machine: "../../\u001b[2J/evil",
      changes: new Map(paths.map((path) => [path, file])),
    },
    signal,
  );
  await desktop.write("prompts/a.md", "mine\n");
  const { copies, seen } = await desktop.run("sync");
  expect(seen.plan.notHere).toHaveLength(9);
  expect(copies).toEqual([expect.stringMatching(/^prompts\/a\.md\.conflict-[\d-]+-[\w.-]+$/)]);
  const after = await readdir(desktop.env["HOME"]!, { recursive: true });
  const made = after.filter((path) => !before.includes(path) && !path.startsWith(".local"));
  expect(made.map((path) => path.replace(/conflict-.*/, "conflict")).sort()).toEqual([
    ".pi/agent/prompts/a.md.conflict",
    ".pi/agent/prompts/good.md",
  ]);
});

// Suspicion: what another machine was allowed to send leaves this one again in a merge.
test("what is merged is searched as what is pushed", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop, storage } = machines;
  await laptop.write("AGENTS.md", `${token}\none\ntwo\nthree\nfour\nfive\n`);
  const [finding] = (await laptop.run("push")).findings;
  await laptop.configure({ endpoint: storage, allow: [finding!.id] });
  expect((await laptop.run("push")).kind).toBe("done");
  await desktop.write("AGENTS.md", "one\ntwo\nthree\nfour\nfive\nsix\n");
  for (const operation of ["automatic", "sync"] as const) {
    expect(await desktop.run(operation)).toMatchObject({ stop: { reason: "secrets" } });
  }
  expect((await desktop.run("pull")).kind).toBe("done");
});

// Suspicion: an allowed finding goes along when the file gets another name.
test("a secret in a file of another name is another one", async () => {
  await using machines = await syncedPair();
  const { laptop, storage } = machines;
  await laptop.write("prompts/a.md", `${token}\n`);
  const [finding] = (await laptop.run("push")).findings;
  await laptop.configure({ endpoint: storage, allow: [finding!.id] });
  expect((await laptop.run("push")).kind).toBe("done");
  await laptop.remove("prompts/a.md");
  await laptop.write("prompts/public.md", `${token}\n`);
  expect(await laptop.run("push")).toMatchObject({ stop: { reason: "secrets" } });
});

// Suspicion: findings, state or journal keep the secret that they are about.
test("nothing that is remembered or thrown holds a secret", async () => {
  await using machines = await syncedPair();
  const { laptop } = machines;
  await laptop.write("prompts/deploy.md", `${token}\n`);
  const outcome = await laptop.run("sync");
  expect(JSON.stringify([outcome.stop, outcome.findings])).not.toContain(token.slice(4));
  const state = join(laptop.env["HOME"]!, ".local/state/pi-opensync/settings");
  for (const entry of await readdir(state, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    expect(await readFile(join(entry.parentPath, entry.name), "utf8")).not.toContain(token);
  }
});

// Suspicion: contents that the storage has lost make every sync fail, after it was done.
test("a conflict whose other side is lost is reported without a copy", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  await laptop.write("prompts/a.md", "of the laptop\n");
  await laptop.run("automatic");
  await desktop.write("prompts/a.md", "of the desktop\n");
  const { seen, copies } = await desktop.run("sync");
  expect(copies).toHaveLength(1);
  const context = await desktop.context();
  const gone = { ...seen.plan.items[0]!.remote!, sha256: "0".repeat(64) };
  const conflicts = [{ ...seen.plan.items[0]!, remote: gone }];
  expect(await copyConflicts(context, seen.remote, conflicts, signal)).toEqual([]);
});
