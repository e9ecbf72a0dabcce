import { execFile } from "node:child_process";

import type { Env } from "./paths.ts";
import { hostPlatform } from "./paths.ts";

/**
 * Runs a program and gives what it printed, on stderr where stdout has nothing; undefined where it
 * failed or took too long.
 */
export function runProgram(
  path: string,
  args: readonly string[],
  { env, timeoutMs }: { env: Env; timeoutMs: number },
): Promise<string | undefined> {
  // On Windows npm's programs are scripts, which only a shell can start.
  const isScript = hostPlatform === "win32" && /\.(cmd|bat)$/i.test(path);
  return new Promise((resolve) => {
    const child = execFile(
      isScript ? `"${path}"` : path,
      args,
      { env: { ...env }, timeout: timeoutMs, killSignal: "SIGKILL", shell: isScript },
      (error, out, err) => resolve(error === null ? out || err : undefined),
    );
    child.stdin?.end();
  });
}
