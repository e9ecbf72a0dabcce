import { expect, test } from "bun:test";
import { join } from "node:path";

import { said, testServer } from "../support/server.ts";
import { tempDir } from "../support/temp.ts";

const fixtures = join(import.meta.dirname, "../fixtures");
const nodes = ["node", ...(process.env["PI_OPENSYNC_TEST_NODES"]?.split(":") ?? [])];

test.each(nodes)(
  "the engine does under %s what it does under Bun",
  async (node) => {
    await using dir = await tempDir();
    const source = join(fixtures, "node-reconcile.ts");
    await Bun.build({ entrypoints: [source], target: "node", outdir: dir.path, naming: "run.mjs" });
    const outcomes = [];
    const contents = [];
    for (const command of [
      [node, join(dir.path, "run.mjs")],
      [process.execPath, source],
    ]) {
      await using opensync = await testServer();
      const { url, apiKey } = opensync.server;
      const state = join(dir.path, `state-${outcomes.length}`);
      const run = async () => {
        const args = [...command, join(fixtures, "sessions"), state, url, apiKey];
        const child = Bun.spawn(args, { stdio: ["ignore", "pipe", "inherit"] });
        return JSON.parse(await child.stdout.text()) as { sessions: Record<string, number> };
      };
      outcomes.push(await run());
      expect((await run()).sessions).toMatchObject({ sent: 0, unchanged: 19, skipped: 1 });
      const stored = [...(await opensync.read())].sort(([a], [b]) => (a < b ? -1 : 1));
      contents.push(stored.map(([id, { messages }]) => [id, said(messages)]));
    }
    expect(outcomes[0]).toMatchObject({ sessions: { found: 20, sent: 19 } });
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(contents[0]).toEqual(contents[1]);
  },
  60_000,
);
