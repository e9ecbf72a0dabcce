import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { SettingsMachine } from "../support/settings-machine.ts";

/** A file that changed so shortly before a scan is read again by the next one. */
export const settleMs = 2100;

const bytesMin = 1000;
const bytesMax = 20_000;

/** Gives a machine so many files as people have them: text of pi's own documents and examples. */
export async function writeSettings(
  machine: SettingsMachine,
  count: number,
): Promise<Map<string, string>> {
  const text = await readPiText();
  const files = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    // Multiples of the golden ratio spread evenly, whatever the count.
    const share = (index * 0.618_034) % 1;
    const bytes = Math.round(bytesMin * (bytesMax / bytesMin) ** share);
    const start = (index * 104_729) % (text.length - bytes);
    files.set(nameFile(index), text.slice(start, start + bytes));
  }
  for (const [path, content] of files) await machine.write(path, content);
  return files;
}

function nameFile(index: number): string {
  const name = `${index}`.padStart(4, "0");
  const names = [`skills/skill-${name}/SKILL.md`, `prompts/prompt-${name}.md`];
  return names[index % 3] ?? `extensions/extension-${name}/index.ts`;
}

async function readPiText(): Promise<string> {
  const pi = Bun.resolveSync("@mariozechner/pi-coding-agent", import.meta.dirname);
  const folder = dirname(dirname(pi));
  const texts: string[] = [];
  for (const part of ["docs", "examples"]) {
    const names = await readdir(join(folder, part), { recursive: true });
    for (const name of names.sort()) {
      if (/\.(md|ts)$/.test(name)) texts.push(await readFile(join(folder, part, name), "utf8"));
    }
  }
  return texts.join("\n");
}
