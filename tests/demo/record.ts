/**
 * Records a session in the real pi: `bun run demo` writes extension/media/session.svg for the README
 * and session.png for pi's gallery of packages, which takes no SVG. Needs tmux. A scripted model answers; server, outage and footer are real.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { Resvg } from "@resvg/resvg-js";

import { faultyProxy } from "../support/faulty-proxy.ts";
import type { Fault } from "../support/faulty-proxy.ts";
import { piTargets } from "../support/pi/install.ts";
import { piSandbox } from "../support/pi/sandbox.ts";
import { testServer } from "../support/server.ts";
import { readScreen } from "./ansi.ts";
import { drawFrames, drawScreen } from "./svg.ts";
import type { Frame } from "./svg.ts";

const [columns, rows] = [100, 32];
const target = (await piTargets()).at(-1)!;
const frames: Frame[] = [];

await using server = await testServer();
let fault: Fault | undefined;
await using proxy = await faultyProxy(server.server.url, () => fault);
await using box = await piSandbox({
  target,
  config: { url: proxy.url, apiKey: server.server.apiKey },
});
await writeFile(join(box.project, "login.test.ts"), 'expect(login("ada", "")).toBe(false);\n');
box.model.play(
  {
    text: "Let me look at the test first.",
    calls: [{ name: "bash", args: { command: "cat login.test.ts" } }],
  },
  { text: "An empty password passes, because `login` compares hashes only when there is one." },
  { text: "Done: an empty password is refused now." },
);

// Without these, pi begins with a warning that has nothing to do with us.
for (const tool of ["fd", "rg"]) {
  const path = join(box.agentDir, "bin", tool);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "#!/bin/sh\n", { mode: 0o755 });
}

await using pi = await box.tui();
pi.resize(columns, rows);
await pi.stands();
const show = (ms: number): void => {
  const text = pi.screen({ isColored: true });
  const shown = text.replaceAll(box.project, "~/shop").replaceAll(box.home, "~");
  frames.push({ screen: readScreen(shown), ms });
};
const say = async (text: string): Promise<void> => {
  await pi.type(text);
  await pi.stands();
  show(1200);
  pi.press("Enter");
};

show(1200);
fault = "slow";
await say("why does the login test fail?");
await pi.sees("only when there is one");
await pi.sees(/opensync ↑\d/);
show(1500);
fault = undefined;
await pi.seesNo("opensync ↑");
show(2500);
await say("/opensync status");
await pi.sees("Other sessions");
show(4000);
fault = "drop";
await say("then fix it");
await pi.sees("refused now");
await pi.sees(/offline · \d+ waiting/);
show(4000);
const preview = frames.at(-1)!.screen;
fault = undefined;
await pi.seesNo("offline ·");
show(3000);
await say("/opensync preview");
await pi.sees("as it is sent");
show(5000);

const media = join(import.meta.dirname, "../../extension/media");
await mkdir(media, { recursive: true });
await writeFile(join(media, "session.svg"), drawFrames(frames, columns, rows));
const picture = new Resvg(drawScreen(preview, columns, rows), {
  font: { defaultFontFamily: "DejaVu Sans Mono", monospaceFamily: "DejaVu Sans Mono" },
  fitTo: { mode: "zoom", value: 2 },
});
await writeFile(join(media, "session.png"), picture.render().asPng());
console.log(`${frames.length} frames`);
