import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { binary, startServe } from "./cli.ts";
import type { CliResult, CliServer } from "./cli.ts";
import { clientOf, readSessions } from "./server.ts";
import type { SessionBuilder } from "./session.ts";
import { tempDir } from "./temp.ts";
import { until } from "./pi/until.ts";

/** For one run of the binary. */
export interface RunOptions {
  env?: Record<string, string>;
  stdin?: string;
}

/** A person's home, in which the binary is run. */
export interface CommandHome extends AsyncDisposable {
  path: string;
  configFile: string;
  run(args: readonly string[], options?: RunOptions): Promise<CliResult>;
  /** Runs it to its end and gives the document that it printed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- documents of any shape
  json(args: readonly string[], options?: RunOptions): Promise<any>;
  /** Starts it in a terminal of so many columns. */
  terminal(args: readonly string[], columns?: number, env?: Record<string, string>): Terminal;
  /** Puts a session where pi has it. Gives the file's path. */
  addSession(session: SessionBuilder): Promise<string>;
  writeConfig(config: Record<string, unknown>): Promise<void>;
}

/** The binary in a terminal. */
export interface Terminal {
  /** All that was written so far, with what steers the terminal. */
  output(): string;
  sees(text: string): Promise<void>;
  type(text: string): void;
  exitCode: Promise<number>;
}

/** Makes a home with nothing in it. */
export async function commandHome(): Promise<CommandHome> {
  const dir = await tempDir();
  const configFile = join(dir.path, ".config/pi-opensync/config.json");
  const sessions = join(dir.path, ".pi/agent/sessions/--home-ada-engine--");
  const environment = (env: Record<string, string> = {}): Record<string, string> => ({
    HOME: dir.path,
    PATH: process.env["PATH"] ?? "",
    ...env,
  });
  const run: CommandHome["run"] = async (args, { env, stdin = "" } = {}) => {
    const child = Bun.spawn([binary, ...args], {
      cwd: dir.path,
      env: environment(env),
      stdin: new TextEncoder().encode(stdin),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return { exitCode: await child.exited, stdout, stderr };
  };
  return {
    path: dir.path,
    configFile,
    run,
    async json(args, options) {
      const { stdout } = await run([...args, "--json"], options);
      return JSON.parse(stdout);
    },
    terminal: (args, columns = 80, env = {}) =>
      openTerminal([binary, ...args], columns, dir.path, environment({ TERM: "xterm", ...env })),
    async addSession(session) {
      await mkdir(sessions, { recursive: true });
      const path = join(sessions, `2026-03-01_${session.header.id}.jsonl`);
      await writeFile(path, session.toJsonl());
      return path;
    },
    async writeConfig(config) {
      await mkdir(join(configFile, ".."), { recursive: true });
      await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
    },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** A home that sends to a server of its own. */
export interface ServedHome extends CommandHome {
  server: CliServer;
  /** How many messages each session has on the server, by its title. */
  stored(): Promise<Record<string, number>>;
}

/** Makes a home that is configured for a server, which runs. */
export async function servedHome(): Promise<ServedHome> {
  const home = await commandHome();
  const server = await startServe(home.path);
  await home.writeConfig({ url: server.url, apiKey: server.apiKey });
  return {
    ...home,
    server,
    async stored() {
      const found = await readSessions(clientOf(server.url, server.apiKey));
      const counts = [...found.values()].map(
        ({ session, messages }) => [session.title ?? "", messages.length] as const,
      );
      return Object.fromEntries(counts);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Runs a program in a terminal of 40 lines. */
export function openTerminal(
  command: string[],
  columns: number,
  cwd: string,
  env: Record<string, string>,
): Terminal {
  let output = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn(command, {
    cwd,
    env,
    terminal: {
      cols: columns,
      rows: 40,
      data: (_terminal, bytes) => void (output += decoder.decode(bytes, { stream: true })),
    },
  });
  return {
    output: () => output,
    sees: async (text) => {
      await until(`'${text}' in the terminal`, () => output.includes(text), {
        describe: () => output,
      });
    },
    type: (text) => void child.terminal?.write(text),
    exitCode: child.exited.then((code) => {
      child.terminal?.close();
      return code;
    }),
  };
}
