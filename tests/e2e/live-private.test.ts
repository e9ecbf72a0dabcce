/** Sessions that a person keeps private for a while, and what is shown of that. */

import { expect } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { expectAllSoon, rpcFlow, testFlows } from "../support/pi/live.ts";
import type { LiveBox } from "../support/pi/live.ts";
import type { RpcPi } from "../support/pi/rpc.ts";
import { until } from "../support/pi/until.ts";

await testFlows([
  {
    name: "a private session that is taken up again, and then sent after all",
    async run(box) {
      {
        await using pi = box.rpc();
        await pi.prompt("one");
        await command(pi, "off");
        await pi.prompt("two");
        await pi.close();
      }
      await using pi = box.rpc("-c");
      await shows(pi, "opensync off");
      void command(pi, "resume").catch(() => {});
      pi.answer(await pi.dialog(), { confirmed: true });
      await shows(pi, undefined);
      await pi.prompt("three");
      await pi.close();
    },
  },
  {
    name: "a fork of a private session that the person wants to be sent, paused for a while",
    expect: expectOnlyForks,
    async run(box) {
      await using pi = box.rpc();
      await command(pi, "off");
      await pi.prompt("one");
      await pi.prompt("two");
      const { data } = await pi.ask("get_fork_messages");
      await pi.ask("fork", { entryId: data.messages[1].entryId });
      await shows(pi, "opensync off");
      pi.answer(await pi.dialog(), { confirmed: true });
      await shows(pi, undefined);
      await command(pi, "pause");
      await pi.prompt("instead");
      await shows(pi, /^opensync paused/);
      await command(pi, "resume");
      await shows(pi, undefined);
      await pi.close();
      expect(pi.errors()).toEqual([]);
    },
  },
  {
    name: "a private session that pi keeps no file of leaves nothing behind",
    async run(box) {
      await using pi = box.rpc("--no-session");
      await pi.prompt("one");
      await until("the session", async () => (await box.server.read()).size === 1);
      await command(pi, "off");
      await pi.prompt("two");
      await command(pi, "status");
      await pi.kill("SIGKILL");
    },
    async expect(box) {
      expect(readdirSync(join(box.home, ".local/state/pi-opensync/spool"))).toEqual([]);
    },
  },
  rpcFlow("settings that are broken when another session starts are shown", async (pi, box) => {
    await pi.prompt("one");
    await expectAllSoon(box);
    await Bun.write(join(box.home, ".config/pi-opensync/config.json"), '{"url": }');
    await pi.ask("new_session");
    await shows(pi, "opensync not sent, see /opensync status");
  }),
]);

function command(pi: RpcPi, word: string): Promise<unknown> {
  return pi.ask("prompt", { message: `/opensync ${word}` });
}

async function shows(pi: RpcPi, text: string | RegExp | undefined): Promise<void> {
  await until(`the footer ${text}`, () => {
    const status = pi.status("opensync");
    return text instanceof RegExp ? text.test(status ?? "") : status === text;
  });
}

async function expectOnlyForks(box: LiveBox): Promise<void> {
  const sent = [...(await box.server.read()).values()];
  expect(sent.map(({ session }) => session.title)).toEqual([expect.stringMatching(/^\[Fork::/)]);
  expect(sent[0]?.messages.map(({ textContent }) => textContent)).toEqual([
    "one",
    "You said: one",
    "instead",
    "You said: instead",
  ]);
}
