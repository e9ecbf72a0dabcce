/** What people do at pi's screen reaches the server. */

import { expect } from "bun:test";

import { expectDelivered } from "../support/pi/compare.ts";
import { expectAllAtNextStart, testFlows, tuiFlow } from "../support/pi/live.ts";
import type { TuiPi } from "../support/pi/tui.ts";
import { isSince } from "../support/pi/targets.ts";

const slow = { text: "word by word until the end of it", wordMs: 300 };

await testFlows([
  tuiFlow("prompts, a name and ctrl+d", async (pi) => {
    await ask(pi, "one");
    await pi.enter("/name My session");
    await ask(pi, "two");
  }),
  tuiFlow("a queued message that is withdrawn", async (pi, { model }) => {
    model.play(slow);
    await pi.enter("one");
    await pi.sees("word by");
    await pi.type("withdrawn");
    pi.press("Enter");
    await pi.sees("Steering: withdrawn");
    pi.press("Escape");
    await pi.seesNo("Steering: withdrawn");
    pi.press("C-u");
    await ask(pi, "two");
    expect(model.asked).toEqual(["one", "two"]);
  }),
  tuiFlow("commands of the person", async (pi, box) => {
    await ask(pi, "one");
    await pi.enter("!echo seen by the model");
    await pi.enter("!!echo seen by nobody");
    await ask(pi, "two");
    expect(box.entries().filter(({ message }) => message?.role === "bashExecution")).toHaveLength(
      2,
    );
  }),
  tuiFlow("a reload", async (pi) => {
    await ask(pi, "one");
    await pi.enter("/reload");
    await pi.sees(/Reloaded/);
    await ask(pi, "two");
  }),
  tuiFlow("back in the tree, with a summary", async (pi, box) => {
    await ask(pi, "one", "two");
    await pi.enter("/tree");
    await pi.sees("Session Tree");
    pi.press("Up", "Up", "Up");
    await pi.stands();
    pi.press("Enter");
    await pi.sees("Summarize");
    pi.press("Down", "Enter");
    await pi.sees("Navigated");
    // The prompt that it went back to stands in the editor.
    pi.press("C-u");
    await ask(pi, "three");
    expect(box.entries().map(({ type }) => type)).toContain("branch_summary");
  }),
  tuiFlow("a fork and a new session", async (pi, box) => {
    await ask(pi, "one", "two");
    await pi.enter("/fork");
    await pi.stands();
    pi.press("Enter");
    await pi.stands();
    pi.press("C-u");
    await ask(pi, "instead");
    await pi.enter("/new");
    await pi.stands();
    await ask(pi, "anew");
    expect(box.sessionFiles()).toHaveLength(3);
  }),
  tuiFlow("a smaller window", async (pi) => {
    pi.resize(50, 20);
    await ask(pi, "one");
    pi.resize(160, 40);
    await ask(pi, "two");
  }),
  ...(["SIGTERM", "SIGHUP"] as const).map((signal) =>
    tuiFlow(
      signal,
      async (pi, box) => {
        await ask(pi, "one");
        await ask(pi, "two");
        pi.signal(signal);
        await pi.ended();
        // The older pi tells its extensions nothing.
        if (isSince(box.target, "1.5")) await expectDelivered(box.server, () => box.sessionFiles());
      },
      { expect: expectAllAtNextStart },
    ),
  ),
  tuiFlow(
    "SIGKILL",
    async (pi) => {
      await ask(pi, "one");
      await ask(pi, "two");
      pi.signal("SIGKILL");
      await pi.ended();
    },
    { expect: expectAllAtNextStart },
  ),
  tuiFlow(
    "a terminal that is closed",
    async (pi) => {
      await ask(pi, "one");
      await ask(pi, "two");
      pi.closeTerminal();
      await pi.ended();
    },
    { expect: expectAllAtNextStart },
  ),
]);

/** Asks and waits for the answers. */
async function ask(pi: TuiPi, ...prompts: string[]): Promise<void> {
  for (const prompt of prompts) {
    await pi.enter(prompt);
    await pi.sees(`You said: ${prompt}`);
  }
}
