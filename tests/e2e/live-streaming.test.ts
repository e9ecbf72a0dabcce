/** What happens while an answer streams, or keeps it from coming, reaches the server as it ended. */

import { expect } from "bun:test";

import { rpcFlow, testFlows } from "../support/pi/live.ts";

const slow = { text: "word by word until the end of it", wordMs: 60 };
const sleeps = { calls: [{ name: "bash", args: { command: "sleep 30" } }] };

await testFlows([
  rpcFlow("steering and a follow-up while it streams", async (pi, { model }) => {
    model.play(slow);
    await pi.ask("prompt", { message: "one" });
    await pi.sees("message_update");
    await pi.ask("follow_up", { message: "three" });
    await pi.ask("steer", { message: "two" });
    await pi.rests();
    expect(model.asked).toEqual(["one", "two", "three"]);
  }),
  rpcFlow("steering while tools run", async (pi, { model }) => {
    const calls = ["sleep 0.3", "echo b"].map((command) => ({ name: "bash", args: { command } }));
    model.play({ calls });
    await pi.ask("prompt", { message: "one" });
    await pi.sees("tool_execution_start");
    await pi.ask("steer", { message: "two" });
    await pi.rests();
    expect(model.asked).toEqual(["one", "two"]);
  }),
  rpcFlow("an abort while it streams, and while a tool runs", async (pi, box) => {
    box.model.play(slow, sleeps);
    await pi.ask("prompt", { message: "one" });
    await pi.sees("message_update");
    await pi.ask("abort");
    await pi.rests();
    await pi.ask("prompt", { message: "two" });
    await pi.sees("tool_execution_start");
    await pi.ask("abort");
    await pi.rests();
    await pi.prompt("three");
    const ends = box.entries().map(({ message }) => message?.stopReason);
    expect(ends.filter((reason) => reason === "aborted").length).toBeGreaterThan(1);
  }),
  rpcFlow("an abort with a message in the queue", async (pi, { model }) => {
    model.play(slow);
    await pi.ask("prompt", { message: "one" });
    await pi.sees("message_update");
    await pi.ask("follow_up", { message: "later" });
    await pi.ask("abort");
    await pi.sees("agent_end");
    await pi.close();
    expect(model.asked[0]).toBe("one");
  }),
  rpcFlow("a failed try and one that is cut, then success", async (pi, box) => {
    box.model.play({ status: 500 }, { text: "half of", isCut: true }, { text: "Well." });
    await pi.prompt("one");
    await pi.prompt("two");
    const ends = box.entries().map(({ message }) => message?.stopReason);
    expect(ends.filter((reason) => reason === "error")).toHaveLength(2);
  }),
  rpcFlow("all tries fail", async (pi, { model }) => {
    model.play({ status: 500 }, { status: 500 }, { status: 500 });
    await pi.prompt("one");
    expect(model.asked).toEqual(["one", "one", "one"]);
    await pi.prompt("two");
  }),
  {
    name: "all tries fail, printed",
    async run(box) {
      box.model.play({ status: 500 }, { status: 500 }, { status: 500 });
      expect((await box.run("-p", "one")).exitCode).toBe(1);
    },
  },
]);
