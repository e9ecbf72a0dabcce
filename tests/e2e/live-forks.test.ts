/** Sessions that are forked, cloned, and left for others while pi runs. */

import { expect } from "bun:test";

import { expectAllAtNextStart, rpcFlow, testFlows } from "../support/pi/live.ts";
import type { RpcPi } from "../support/pi/rpc.ts";
import { until } from "../support/pi/until.ts";

await testFlows([
  rpcFlow("a fork at the last prompt", async (pi, box) => {
    await pi.ask("set_session_name", { name: "Parent" });
    await ask(pi, "one", "two", "three");
    await fork(pi, 2);
    await ask(pi, "instead");
    expect(box.sessionFiles()).toHaveLength(2);
  }),
  rpcFlow("a fork that nothing is asked in", async (pi, box) => {
    await ask(pi, "one", "two");
    await fork(pi, 1);
    expect(box.sessionFiles()).toHaveLength(2);
  }),
  rpcFlow("a fork at the first prompt", async (pi, box) => {
    await ask(pi, "one");
    await fork(pi, 0);
    await ask(pi, "instead");
    expect(box.sessionFiles()).toHaveLength(2);
  }),
  rpcFlow("a fork of a fork", async (pi, box) => {
    await ask(pi, "one", "two");
    await fork(pi, 1);
    await ask(pi, "three", "four");
    await fork(pi, 2);
    await ask(pi, "five");
    expect(box.sessionFiles()).toHaveLength(3);
  }),
  rpcFlow("a clone", async (pi, box) => {
    await ask(pi, "one", "two");
    await pi.ask("clone");
    await ask(pi, "three");
    expect(box.sessionFiles()).toHaveLength(2);
  }),
  rpcFlow("new sessions, one of them unused", async (pi, box) => {
    await ask(pi, "one");
    await pi.ask("new_session");
    await pi.ask("new_session");
    await ask(pi, "two");
    expect(box.sessionFiles()).toHaveLength(2);
  }),
  rpcFlow("back and forth between sessions", async (pi, box) => {
    await ask(pi, "one");
    await pi.ask("new_session");
    await ask(pi, "two");
    for (const sessionPath of box.sessionFiles()) {
      await pi.ask("switch_session", { sessionPath });
      await ask(pi, "and more");
    }
  }),
  {
    name: "forks of a session that pi keeps no file of, while the server is away",
    async run(box) {
      box.fail("drop");
      await using pi = box.rpc("--no-session");
      await ask(pi, "one", "two");
      await fork(pi, 1);
      await ask(pi, "instead");
      await pi.ask("clone");
      await ask(pi, "three");
      box.fail(undefined);
      await pi.close();
    },
    async expect(box) {
      const promptsOfAll = ["one,instead", "one,instead,three", "one,two"];
      await using pi = box.rpc();
      await until("all of them", async () => {
        const sent = [...(await box.server.read()).values()].map(({ messages }) =>
          messages.flatMap(({ role, textContent }) => (role === "user" ? textContent : [])).join(),
        );
        return Bun.deepEquals(sent.sort(), promptsOfAll);
      });
      await pi.close();
    },
  },
  rpcFlow(
    "a session that is left just before pi ends",
    async (pi) => {
      await ask(pi, "one");
      await fork(pi, 0);
      await ask(pi, "two");
      await pi.ask("new_session");
    },
    { expect: expectAllAtNextStart },
  ),
]);

async function ask(pi: RpcPi, ...prompts: string[]): Promise<void> {
  for (const prompt of prompts) await pi.prompt(prompt);
}

/** Forks at a prompt, counted from 0. */
async function fork(pi: RpcPi, index: number): Promise<void> {
  const { data } = await pi.ask("get_fork_messages");
  await pi.ask("fork", { entryId: data.messages[index].entryId });
}
