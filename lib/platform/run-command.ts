import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

/** What a command printed, or why there is nothing. */
export type CommandResult = { output: string } | { failure: string };

/** A secret is a line. More than this is another command than was meant. */
const outputBytesMax = 64 * 1024;

/**
 * Runs a command in the system's shell and gives what it printed. It reads no input, and what it
 * says on stderr is dropped. When its time is over, or the signal is aborted, it is ended with all
 * that it started.
 */
export function runCommand(
  command: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve(cancelled);
      return;
    }
    const child = spawn(command, {
      shell: true,
      stdio: ["ignore", "pipe", "ignore"],
      windowsHide: true,
      // A process group of its own, so that the whole of it can be ended.
      detached: process.platform !== "win32",
    });
    const finish = (result: CommandResult): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      resolve(result);
    };
    const giveUp = (failure: string): void => {
      endGroup(child);
      child.stdout.destroy();
      child.unref();
      finish({ failure });
    };
    const onAbort = (): void => giveUp(cancelled.failure);
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => giveUp(`it took longer than ${timeoutMs / 1000} s`), timeoutMs);

    let output = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (text: string) => {
      output += text;
      if (output.length > outputBytesMax) giveUp("it printed more than a secret");
    });
    child.on("error", () => finish({ failure: "it could not be started" }));
    child.on("close", (code, signal) => {
      if (code === 0) finish({ output });
      else finish({ failure: code === null ? `it was ended by ${signal}` : `exit code ${code}` });
    });
  });
}

const cancelled = { failure: "nobody waits for it any more" };

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill();
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}
