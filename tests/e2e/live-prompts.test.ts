/** What is asked and answered in one session reaches the server while pi runs. */

import { expect } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { rpcFlow, testFlows } from "../support/pi/live.ts";
import type { Answer } from "../support/pi/model.ts";

const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

const runs = (command: string): Answer => ({ calls: [{ name: "bash", args: { command } }] });
const threeTools: Answer[] = [runs("echo a"), runs("echo b"), runs("exit 3"), { text: "Done." }];

await testFlows([
  {
    name: "one prompt with three tool calls, printed",
    async run(box) {
      box.model.play(...threeTools);
      expect(await box.run("-p", "please look")).toMatchObject({ exitCode: 0, stdout: "Done.\n" });
    },
  },
  {
    name: "one prompt with three tool calls, as JSON",
    async run(box) {
      box.model.play(...threeTools);
      expect((await box.run("--mode", "json", "please look")).exitCode).toBe(0);
    },
  },
  rpcFlow("three prompts, cached tokens and thinking", async (pi, { model }) => {
    model.play({ thinking: "hm", text: "One.", usage: { input: 900, output: 9, cached: 800 } });
    for (const text of ["one", "two\nlines", "three"]) await pi.prompt(text);
  }),
  rpcFlow("tools that run at the same time", async (pi, { model }) => {
    const calls = [
      { name: "bash", args: { command: "sleep 0.3; echo slow" } },
      { name: "read", args: { path: "none.txt" } },
      { name: "nonsense", args: { a: 1 } },
      { name: "bash", args: { command: "true" } },
    ];
    model.play({ text: "All at once.", calls }, { text: "Done." });
    await pi.prompt("look");
  }),
  rpcFlow("an answer that is cut off", async (pi, { model }) => {
    model.play({ text: "and so on", finish: "length" });
    await pi.prompt("go on and on");
  }),
  rpcFlow("images that are asked about and that tools give", async (pi, { model, project }) => {
    await writeFile(join(project, "pixel.png"), Buffer.from(pixel, "base64"));
    model.play({ text: "Red." }, { calls: [{ name: "read", args: { path: "pixel.png" } }] });
    const images = [{ type: "image", data: pixel, mimeType: "image/png" }];
    await pi.prompt("what is this?", { images });
    await pi.prompt("and in the file?");
  }),
  {
    name: "a prompt template",
    async run(box) {
      await mkdir(join(box.agentDir, "prompts"));
      await writeFile(join(box.agentDir, "prompts/rev.md"), "Review $1 well.");
      await using pi = box.rpc();
      await pi.prompt("/rev main.ts");
      await pi.close();
      expect(box.model.asked).toEqual(["Review main.ts well."]);
    },
  },
  rpcFlow("prompts that another extension rewrites or handles", async (pi, { model }) => {
    await pi.prompt("rewrite: loud");
    await pi.ask("prompt", { message: "handle: nothing" });
    await pi.prompt("then this");
    expect(model.asked).toEqual(["LOUD", "then this"]);
  }),
  rpcFlow("messages of another extension", async (pi, box) => {
    await pi.prompt("first");
    await pi.ask("prompt", { message: "/note remember" });
    const from = pi.events.length;
    await pi.ask("prompt", { message: "/ask what now?" });
    await pi.sees("agent_end", { from });
    await pi.rests();
    expect(box.entries().filter(({ type }) => type === "custom_message")).toHaveLength(2);
    expect(box.model.asked).toEqual(["first", "what now?"]);
  }),
  rpcFlow("commands of the person", async (pi, box) => {
    await pi.ask("bash", { command: "echo before" });
    await pi.prompt("one");
    await pi.ask("bash", { command: "echo out; exit 2" });
    await pi.ask("bash", { command: "echo mine", excludeFromContext: true });
    await pi.prompt("two");
    await pi.ask("bash", { command: "echo last" });
    const commands = box.entries().filter(({ message }) => message?.role === "bashExecution");
    expect(commands).toHaveLength(4);
  }),
  rpcFlow("another model and another level of thinking", async (pi) => {
    await pi.prompt("one");
    await pi.ask("set_model", { provider: "scripted", modelId: "beta" });
    await pi.ask("set_thinking_level", { level: "high" });
    await pi.prompt("two");
  }),
  rpcFlow("a name between prompts and another at the end", async (pi) => {
    await pi.prompt("one");
    await pi.ask("set_session_name", { name: "A name" });
    await pi.prompt("two");
    await pi.ask("set_session_name", { name: "Another name" });
  }),
  rpcFlow("a name before the first prompt", async (pi) => {
    await pi.ask("set_session_name", { name: "Early" });
    await pi.prompt("one");
  }),
]);
