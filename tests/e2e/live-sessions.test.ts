/** Sessions that are shortened, branched, taken up again, or never kept. */

import { expect } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { rpcFlow, testFlows } from "../support/pi/live.ts";
import type { LiveBox } from "../support/pi/live.ts";
import type { RpcPi } from "../support/pi/rpc.ts";
import { said } from "../support/server.ts";

const smallContext = { settings: { compaction: { reserveTokens: 1000, keepRecentTokens: 1 } } };

await testFlows([
  rpcFlow(
    "a compaction that is asked for",
    async (pi, box) => {
      await ask(pi, "one", "two", "three");
      await pi.ask("compact");
      await ask(pi, "four");
      expect(typesOf(box)).toContain("compaction");
    },
    { box: smallContext },
  ),
  rpcFlow(
    "a compaction by itself",
    async (pi, box) => {
      box.model.play({ text: "One." }, { text: "Two.", usage: { input: 9500, output: 10 } });
      await ask(pi, "one", "two");
      await pi.sees("compaction_end");
      await ask(pi, "three");
      expect(typesOf(box)).toContain("compaction");
    },
    { box: { ...smallContext, contextWindow: 10_000 } },
  ),
  rpcFlow("back in the tree, without and with a summary", async (pi, box) => {
    await ask(pi, "one", "two", "three");
    await goBack(pi, "1");
    await ask(pi, "four");
    await goBack(pi, "0 summary");
    await ask(pi, "five");
    expect(typesOf(box)).toContain("branch_summary");
  }),
  rpcFlow("back in the tree, ended, and taken up again", async (pi, box) => {
    await ask(pi, "one", "two");
    await goBack(pi, "1");
    await ask(pi, "three");
    await pi.close();
    await using next = box.rpc("-c");
    await ask(next, "four", "five");
    await next.close();
  }),
  {
    name: "taken up again with -c, --session and --fork",
    async run(box) {
      for (const [index, args] of [[], ["-c"], ["--session"], ["--fork"]].entries()) {
        const file = index < 2 ? [] : box.sessionFiles().slice(0, 1);
        expect((await box.run(...args, ...file, "-p", `prompt ${index}`)).exitCode).toBe(0);
      }
      expect(box.sessionFiles()).toHaveLength(2);
    },
  },
  {
    name: "one session id in two projects",
    since: "1.5",
    async run(box) {
      for (const project of ["a", "b", "a"]) {
        await using pi = (await box.inProject(project)).rpc("--session-id", "daily");
        await ask(pi, `in ${project}`);
        await pi.close();
      }
      expect(box.sessionFiles()).toHaveLength(2);
    },
  },
  {
    name: "a session that pi keeps no file of is sent, and leaves nothing behind",
    async run(box) {
      expect((await box.run("--no-session", "-p", "one")).exitCode).toBe(0);
      await using pi = box.rpc("--no-session");
      await ask(pi, "two", "three");
      await pi.close();
    },
    async expect(box) {
      const sent = [...(await box.server.read()).values()].map(({ messages }) => said(messages));
      expect(sent.sort((a, b) => a.length - b.length)).toEqual([
        ["user: one", "assistant: You said: one"],
        ["user: two", "assistant: You said: two", "user: three", "assistant: You said: three"],
      ]);
      expect(box.sessionFiles()).toEqual([]);
      expect(await readdir(join(box.home, ".local/state/pi-opensync/spool"))).toEqual([]);
    },
  },
  rpcFlow("pi that is opened and closed creates nothing", async (pi, box) => {
    await pi.ask("get_state");
    await pi.ask("new_session");
    await pi.close();
    expect(await box.server.read()).toEqual(new Map());
  }),
]);

async function ask(pi: RpcPi, ...prompts: string[]): Promise<void> {
  for (const prompt of prompts) await pi.prompt(prompt);
}

/** Goes back in the tree, by a command of the helper extension. */
async function goBack(pi: RpcPi, where: string): Promise<void> {
  await pi.ask("prompt", { message: `/back ${where}` });
  await pi.rests();
}

function typesOf(box: LiveBox): string[] {
  return box.entries().map(({ type }) => type);
}
