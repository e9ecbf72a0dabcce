/** pi is ended in ways that leave it time, and in ways that do not. */

import { expect } from "bun:test";

import { expectAllAtNextStart, expectAllSoon, testFlows } from "../support/pi/live.ts";
import type { Flow, LiveBox } from "../support/pi/live.ts";
import type { RpcPi } from "../support/pi/rpc.ts";
import { until } from "../support/pi/until.ts";

const slow = { text: "word by word until the end of it", wordMs: 60 };
const sleeps = { calls: [{ name: "bash", args: { command: "sleep 30" } }] };

await testFlows([
  ending("SIGTERM at rest", rest, "SIGTERM"),
  ending("SIGHUP at rest", rest, "SIGHUP"),
  ending("SIGTERM while it streams", stream, "SIGTERM"),
  ending("SIGTERM while a tool runs", callTool, "SIGTERM"),
  {
    ...ending("SIGINT, of which no extension hears", rest, "SIGINT"),
    expect: expectAllAtNextStart,
  },
  { ...ending("SIGKILL at rest", rest, "SIGKILL"), expect: expectAllAtNextStart },
  { ...ending("SIGKILL while it streams", stream, "SIGKILL"), expect: expectAllAtNextStart },
  { ...ending("SIGKILL while a tool runs", callTool, "SIGKILL"), expect: expectAllAtNextStart },
  {
    name: "SIGKILL, with a relative path to the session, and a start in another folder",
    async run(box) {
      box.fail("drop");
      await using pi = box.rpc("--session-dir", "./sessions");
      await rest(pi);
      await pi.kill("SIGKILL");
      box.fail(undefined);
      await using other = (await box.inProject("other")).rpc();
      await until("all of it", async () => {
        const [sent] = (await box.server.read()).values();
        return sent?.messages.length === 4;
      });
      await other.close();
    },
    expect: async () => {},
  },
  {
    name: "the input ends while it streams",
    async run(box) {
      await using pi = box.rpc();
      await stream(pi, box);
      await pi.close();
    },
  },
  {
    name: "killed twice, with a fork in between",
    expect: expectAllAtNextStart,
    async run(box) {
      {
        await using pi = box.rpc();
        await rest(pi);
        await pi.kill("SIGKILL");
      }
      await using pi = box.rpc("--fork", box.sessionFiles()[0]!);
      await pi.prompt("in the fork");
      await until("the fork", async () => (await box.server.read()).size === 2);
      await pi.prompt("and more");
      await pi.kill("SIGKILL");
      expect(box.sessionFiles()).toHaveLength(2);
    },
  },
  {
    name: "nothing is left to do after a pause, even if it is killed then",
    async run(box) {
      await using pi = box.rpc();
      await rest(pi);
      await expectAllSoon(box);
      await pi.ask("set_session_name", { name: "Late" });
      await pi.ask("bash", { command: "echo late" });
      await expectAllSoon(box);
      await pi.kill("SIGKILL");
    },
  },
]);

/** A flow in which pi gets a signal in some state. */
function ending(
  name: string,
  reach: (pi: RpcPi, box: LiveBox) => Promise<void>,
  signal: NodeJS.Signals,
): Flow {
  return {
    name,
    async run(box) {
      await using pi = box.rpc();
      await reach(pi, box);
      await pi.kill(signal);
      expect(pi.errors()).toEqual([]);
    },
  };
}

async function rest(pi: RpcPi): Promise<void> {
  await pi.prompt("one");
  await pi.prompt("two");
}

async function stream(pi: RpcPi, box: LiveBox): Promise<void> {
  await pi.prompt("one");
  box.model.play(slow);
  const from = pi.events.length;
  await pi.ask("prompt", { message: "two" });
  await pi.sees("message_update", { from });
}

async function callTool(pi: RpcPi, box: LiveBox): Promise<void> {
  await pi.prompt("one");
  box.model.play(sleeps);
  await pi.ask("prompt", { message: "two" });
  await pi.sees("tool_execution_start");
}
