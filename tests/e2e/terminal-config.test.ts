/** The settings form at pi's screen. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { faultyProxy } from "../support/faulty-proxy.ts";
import { expectDelivered } from "../support/pi/compare.ts";
import { piTargets } from "../support/pi/install.ts";
import { piSandbox } from "../support/pi/sandbox.ts";
import type { PiSandbox } from "../support/pi/sandbox.ts";
import type { TuiPi } from "../support/pi/tui.ts";
import { testServer } from "../support/server.ts";

const timeLimitMs = 60_000;
const wrongKey = `osk_${"w".repeat(32)}`;

for (const target of await piTargets()) {
  describe(target.name, () => {
    test(
      "a server and a key are typed, a flag is switched, and the prompts behind arrive",
      async () => {
        await using server = await testServer();
        await using box = await piSandbox({ target });
        await using pi = await openForm(box);
        const { url, apiKey } = server.server;
        await typeServer(pi, url, apiKey);
        await choose(pi, "Thinking");
        await pi.sees(/Thinking +true/);
        await pi.sees(/Save +3 changes/);
        await choose(pi, "Save");
        await pi.sees(`Sessions go to ${url}`);
        expect(readConfig(box)).toEqual({ url, apiKey, syncThinking: true });
        expect(statSync(configPath(box)).mode & 0o777).toBe(0o600);
        expect(pi.screen()).not.toContain(apiKey);
        await pi.enter("one");
        await pi.sees("You said: one");
        await expectDelivered(server, () => box.sessionFiles(), 15_000);
      },
      timeLimitMs,
    );

    test(
      "a key that is refused goes no further than the person lets it",
      async () => {
        await using server = await testServer();
        await using box = await piSandbox({ target });
        await using pi = await openForm(box);
        await typeServer(pi, server.server.url, wrongKey);
        await choose(pi, "Save");
        await pi.sees("does not accept the API key");
        pi.press("Enter");
        await pi.sees(/API key +osk_…wwww/);
        await choose(pi, "Save");
        await pi.sees("Discard the changes");
        pi.press("Down", "Down", "Enter");
        await pi.sees("nothing was saved");
        expect(pi.screen()).not.toContain(wrongKey);
        expect(existsSync(configPath(box))).toBe(false);
      },
      timeLimitMs,
    );

    test(
      "a check that takes too long is ended with Escape",
      async () => {
        await using server = await testServer();
        await using proxy = await faultyProxy(server.server.url, () => "stall");
        await using box = await piSandbox({ target });
        await using pi = await openForm(box);
        await typeServer(pi, proxy.url, wrongKey);
        await choose(pi, "Save");
        await pi.sees("Checking the server");
        pi.press("Escape");
        await pi.sees(/Save +2 changes/);
        pi.press("C-c");
        await pi.sees("nothing was saved");
        expect(existsSync(configPath(box))).toBe(false);
      },
      timeLimitMs,
    );

    test(
      "it fits a screen of 40 columns, and Escape leaves all as it was",
      async () => {
        const config = { url: "http://a.example", exclude: ["~/private/**", "~/other"] };
        const env = { PI_OPENSYNC_API_KEY: wrongKey };
        await using box = await piSandbox({ target, config, env });
        await using pi = await openForm(box, 40);
        await pi.sees(/URL +not usable/);
        await pi.sees("send your API key in clear.");
        await pi.sees(/API key +osk_…wwww \(PI_/);
        // A value of the environment can't be changed.
        pi.press("Down", "Enter");
        await pi.stands();
        await pi.sees(/by the variable\s+PI_OPENSYNC_API_KEY\./);
        await choose(pi, "Excluded projects");
        await pi.sees("Enter to accept");
        await pi.type(", ~/third");
        pi.press("Enter");
        await pi.sees(/Save +1 change\n/);
        expect(pi.screen()).not.toContain(wrongKey);
        pi.press("Escape");
        await pi.sees("nothing was saved");
        expect(readConfig(box)).toEqual(config);
        await pi.enter("still here");
        await pi.sees("You said: still here");
      },
      timeLimitMs,
    );
  });
}

/** Starts pi and opens the form. */
async function openForm(box: PiSandbox, columns = 80): Promise<TuiPi> {
  const pi = await box.tui();
  pi.resize(columns, 40);
  await pi.enter("/opensync-config");
  await pi.sees("OpenSync settings");
  await pi.sees("Esc to cancel");
  return pi;
}

/** Goes down to a line of the form and presses Enter there. */
async function choose(pi: TuiPi, label: string): Promise<void> {
  await pi.sees("Esc to cancel");
  while (!pi.screen().includes(`→ ${label}`)) {
    pi.press("Down");
    await pi.stands();
  }
  pi.press("Enter");
}

/** Types the first two fields. The key is never on the screen. */
async function typeServer(pi: TuiPi, url: string, apiKey: string): Promise<void> {
  await choose(pi, "URL");
  await pi.sees("Enter to accept");
  await pi.type(url);
  pi.press("Enter");
  await choose(pi, "API key");
  await pi.sees("empty to keep");
  pi.press(...Array.from(apiKey));
  await pi.sees("•".repeat(apiKey.length));
  expect(pi.screen()).not.toContain(apiKey.slice(0, 8));
  pi.press("Enter");
  await pi.sees(`osk_…${apiKey.slice(-4)}`);
  expect(pi.screen()).not.toContain(apiKey);
}

const configPath = (box: PiSandbox): string => join(box.home, ".config/pi-opensync/config.json");

function readConfig(box: PiSandbox): unknown {
  return JSON.parse(readFileSync(configPath(box), "utf8"));
}
