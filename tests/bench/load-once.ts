/**
 * Loads an extension as pi 0.73 does, for the first time in this process, and prints how many
 * milliseconds it took: `load-once <jiti> <extension>`.
 */

import { pathToFileURL } from "node:url";

type CreateJiti = (
  from: string,
  options: { moduleCache: boolean; alias: Record<string, string> },
) => { import(path: string, options: { default: true }): Promise<unknown> };

const [jiti = "", extension = ""] = process.argv.slice(2);
const { createJiti } = (await import(pathToFileURL(jiti).href)) as { createJiti: CreateJiti };
const api = {
  on: () => {},
  registerFlag: () => {},
  registerCommand: () => {},
};
// pi's own packages; none is imported while an extension is loaded.
const alias = Object.fromEntries(
  ["pi-coding-agent", "pi-agent-core", "pi-tui", "pi-ai"].map((name) => [
    `@mariozechner/${name}`,
    `/nowhere/${name}.js`,
  ]),
);

const startedAt = performance.now();
const loader = createJiti(import.meta.url, { moduleCache: false, alias });
const factory = await loader.import(extension, { default: true });
if (typeof factory !== "function") throw new Error(`${extension} is no extension`);
await factory(api);
console.log(performance.now() - startedAt);
