import { expect, test } from "bun:test";

import { findSiblingConfigs } from "../../../lib/pi/sibling-config.ts";
import { piHome } from "./support.ts";

const url = "https://mine.convex.cloud";
const apiKey = "osk_0123456789abcdef";

test("server and key of each plugin are found where it keeps them", async () => {
  await using home = await piHome();
  const files = [
    ["pi-opensync-plugin", ".config/pi-opensync-plugin/config.json"],
    ["opencode-sync-plugin", ".opensync/credentials.json"],
    ["claude-code-sync", ".config/claude-code-sync/config.json"],
    ["codex-sync", ".config/codex-sync/config.json"],
    ["droid-sync", ".config/droid-sync/config.json"],
  ] as const;
  for (const [, path] of files) await home.write(path, { convexUrl: url, apiKey });
  const found = await findSiblingConfigs({ ...home.env, XDG_CONFIG_HOME: "/elsewhere" });
  expect(found).toEqual(
    files.map(([plugin, path]) => ({
      plugin,
      path: `${home.path}/${path}`,
      url,
      apiKey,
      settings: {},
    })),
  );
});

test("of the older plugin for pi, what it sends is taken as well", async () => {
  await using home = await piHome();
  const settings = { autoSync: false, syncToolCalls: true };
  const more = { syncThinking: "yes", debug: true };
  await home.write(".config/pi-opensync-plugin/config.json", {
    convexUrl: url,
    apiKey,
    ...settings,
    ...more,
  });
  await home.write(".config/claude-code-sync/config.json", { convexUrl: url, apiKey, ...settings });
  const found = await findSiblingConfigs(home.env);
  expect(found.map((config) => config.settings)).toEqual([settings, {}]);
});

test.each([
  [
    "a form that nobody has filled in",
    { convexUrl: "https://your-app.convex.cloud", apiKey: "osk_" },
  ],
  ["no server", { apiKey }],
  ["no key", { convexUrl: url }],
  ["no JSON", "{"],
  ["a list", [url, apiKey]],
])("%s is nothing to take over", async (_what, content) => {
  await using home = await piHome();
  await home.write(".config/claude-code-sync/config.json", content);
  expect(await findSiblingConfigs(home.env)).toEqual([]);
});
