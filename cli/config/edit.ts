import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isatty } from "node:tty";

import { parseJsonObject } from "../../lib/config/json-object.ts";
import { resolveConfig } from "../../lib/config/resolve.ts";
import { AppError } from "../../lib/errors.ts";
import { resolveBaseUrl } from "../../lib/opensync/base-url.ts";
import { followLink, isNotFound, writePrivateFile } from "../../lib/platform/files.ts";
import { hostPlatform } from "../../lib/platform/paths.ts";
import type { Env } from "../../lib/platform/paths.ts";
import { isInteractive } from "../ui/interactive.ts";
import type { AskingFlags } from "../ui/interactive.ts";

/** What a person who has no file yet begins with. */
const emptyFile = "{}\n";

/** With what a file is edited. */
export interface EditOptions {
  env: Env;
  flags: AskingFlags;
}

/**
 * Opens the configuration in the person's editor. What is edited is a copy, which takes the file's
 * place once it can be used, so that nothing ever reads half a configuration. Gives whether it did.
 *
 * @throws AppError "config" where it can't be used, and nobody mends it; "io" where no editor runs;
 * "usage" where no editor is named and nobody is there to use one
 */
export async function editConfig(path: string, options: EditOptions): Promise<boolean> {
  const editor = chooseEditor(options);
  const target = await followLink(path);
  const before = await readText(target);
  const copy = join(dirname(target), `config-${randomBytes(4).toString("hex")}.json`);
  try {
    await writePrivateFile(copy, before ?? emptyFile);
    for (;;) {
      await runEditor(editor, copy);
      const after = await readFile(copy, "utf8");
      if (after === (before ?? emptyFile)) return false;
      const problem = findProblem(path, after);
      if (problem === undefined) {
        await writePrivateFile(target, after);
        return true;
      }
      if (!(await isEditedAgain(problem, options.flags))) throw problem;
    }
  } finally {
    await rm(copy, { force: true });
  }
}

function findProblem(path: string, text: string): AppError | undefined {
  try {
    const { errors, values } = resolveConfig({ path, file: parseJsonObject(path, text), env: {} });
    const [error] = errors;
    if (error) return new AppError("config", error.message, { hint: kept });
    if (values.url !== undefined) resolveBaseUrl(values.url);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return new AppError("config", error.message, { hint: kept });
    throw error;
  }
}

const kept = "The configuration is as it was before.";

/** Asks whether to mend it; the answer no goes back to what was there. */
async function isEditedAgain({ message }: AppError, flags: AskingFlags): Promise<boolean> {
  if (!isInteractive(flags)) return false;
  const { createPrompter } = await import("../ui/prompt.ts");
  const prompter = createPrompter(new AbortController().signal);
  prompter.fail(message);
  return prompter.confirm("Edit it again? No goes back to what it was before.");
}

/** The editor that is named, which can be a script; without one, what there always is, for a person. */
function chooseEditor({ env, flags }: EditOptions): string {
  const named = env["VISUAL"] || env["EDITOR"];
  if (named && flags.input !== false) return named;
  if (isInteractive(flags)) return hostPlatform === "win32" ? "notepad" : "vi";
  throw new AppError("usage", "there is no terminal to edit at, or a flag forbids it", {
    hint: "Give a value with: pi-opensync config set FIELD VALUE",
  });
}

async function runEditor(editor: string, path: string): Promise<void> {
  // Editors are set with arguments, such as "code --wait", so a shell reads the line.
  const quoted =
    hostPlatform === "win32" ? `"${path}"` : `'${path.replaceAll("'", String.raw`'\''`)}'`;
  // Ctrl-C is the editor's while it runs.
  process.on("SIGINT", ignore);
  // What it draws is no result: the file, with the key, would stand in a pipe.
  const screen = isatty(1) ? 1 : 2;
  const child = spawn(`${editor} ${quoted}`, { shell: true, stdio: [0, screen, 2] });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  }).finally(() => process.off("SIGINT", ignore));
  if (exitCode === 0) return;
  throw new AppError("io", `the editor '${editor}' ended with exit code ${exitCode}`, {
    hint: `${kept} VISUAL or EDITOR names another editor.`,
  });
}

function ignore(): void {}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
