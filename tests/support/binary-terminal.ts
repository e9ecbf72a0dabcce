import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { binary } from "./cli.ts";
import { TuiPi } from "./pi/tui.ts";
import { tempDir } from "./temp.ts";

/** The binary in a terminal with a home of its own. */
export interface BinaryTerminal extends AsyncDisposable {
  screen: TuiPi;
  home: string;
  readJson(path: string): Promise<unknown>;
  has(path: string): boolean;
}

/** What it starts with. */
export interface TerminalOptions {
  columns?: number;
  env?: Record<string, string>;
  /** Contents of files below the home folder. */
  files?: Record<string, unknown>;
}

/** Starts it. What it ends with stands on the screen as `exit 0`. */
export async function openBinary(
  args: string,
  { columns = 80, env, files = {} }: TerminalOptions = {},
): Promise<BinaryTerminal> {
  const dir = await tempDir();
  const home = join(dir.path, "home");
  await mkdir(home);
  for (const [path, content] of Object.entries(files)) {
    const full = join(home, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, typeof content === "string" ? content : JSON.stringify(content));
  }
  // Once the terminal has its size; at the end it stays as it is.
  const script = `trap : INT; while [ ! -e go ]; do sleep 0.02; done; "${binary}" ${args}; echo "exit $?"; read _`;
  const screen = new TuiPi(
    {
      command: ["/bin/sh", "-c", script],
      cwd: home,
      env: { HOME: home, PATH: "/usr/bin:/bin", LANG: "C.UTF-8", TERM: "xterm-256color", ...env },
    },
    dir.path,
  );
  screen.resize(columns, 60);
  await writeFile(join(home, "go"), "");
  return {
    screen,
    home,
    readJson: async (path) => JSON.parse(await readFile(join(home, path), "utf8")) as unknown,
    has: (path) => existsSync(join(home, path)),
    async [Symbol.asyncDispose]() {
      await screen[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Goes down to an answer and takes it. */
export async function choose(screen: TuiPi, question: string, answer: string): Promise<void> {
  await screen.sees(new RegExp(`◆  ${RegExp.escape(question)}`));
  await screen.sees(answer);
  for (let tries = 0; !screen.screen().includes(`● ${answer}`); tries++) {
    if (tries > 10) throw new Error(`no answer ${answer}:\n${screen.screen()}`);
    screen.press("Down");
    await screen.stands();
  }
  screen.press("Enter");
}

/** Says yes or no. */
export async function confirm(screen: TuiPi, question: string, isYes = true): Promise<void> {
  await screen.sees(new RegExp(`◆  ${RegExp.escape(question)}`));
  if (!isYes) screen.press("n");
  else screen.press("y");
}
