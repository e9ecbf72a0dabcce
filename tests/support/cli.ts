import { join } from "node:path";

/** The compiled binary, which the test command builds before. */
export const binary = join(import.meta.dirname, "../../dist/pi-opensync");

/** What a run of the binary came to. */
export interface CliResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A run of the binary that is still going on. */
export interface CliProcess {
  kill(signal: NodeJS.Signals): void;
  /** Text that stood on stderr so far. */
  stderr(): string;
  /** The first line of stdout. */
  firstLine(): Promise<string>;
  ended: Promise<CliResult>;
}

/** Starts the binary with a home of its own and nothing of this environment. */
export function startCli(
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): CliProcess {
  const child = Bun.spawn([binary, ...args], {
    cwd: home,
    env: { HOME: home, PATH: process.env["PATH"] ?? "", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let [stdout, stderr] = ["", ""];
  let onLine = (): void => {};
  const out = collect(child.stdout, (text) => {
    stdout += text;
    onLine();
  });
  const err = collect(child.stderr, (text) => {
    stderr += text;
  });
  return {
    kill: (signal) => child.kill(signal),
    stderr: () => stderr,
    firstLine: () =>
      new Promise((resolve, reject) => {
        onLine = () => {
          if (stdout.includes("\n")) resolve(stdout.slice(0, stdout.indexOf("\n")));
        };
        onLine();
        child.exited.then(() => reject(new Error(`ended without a line: ${stderr}`)), reject);
      }),
    ended: Promise.all([child.exited, out, err]).then(([exitCode]) => ({
      exitCode,
      stdout,
      stderr,
    })),
  };
}

/** Runs the binary to its end. */
export function runCli(...start: Parameters<typeof startCli>): Promise<CliResult> {
  return startCli(...start).ended;
}

/** An embedded server that the binary runs. */
export interface CliServer extends AsyncDisposable {
  url: string;
  apiKey: string;
  process: CliProcess;
  /** The variables that point the binary to it, or to a proxy before it. */
  env(url?: string): Record<string, string>;
}

/** Starts `pi-opensync serve` on a free port. */
export async function startServe(home: string, args: readonly string[] = []): Promise<CliServer> {
  const server = startCli(home, ["serve", "--port", "0", "--json", ...args]);
  const { url, apiKey } = JSON.parse(await server.firstLine()) as { url: string; apiKey: string };
  return {
    url,
    apiKey,
    process: server,
    env: (to = url) => ({ PI_OPENSYNC_CONVEX_URL: to, PI_OPENSYNC_API_KEY: apiKey }),
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      await server.ended;
    },
  };
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  add: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const piece of stream) add(decoder.decode(piece, { stream: true }));
}
