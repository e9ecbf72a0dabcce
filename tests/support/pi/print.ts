import { endingOf } from "./launch.ts";
import type { Ending, Launch } from "./launch.ts";

/** What a pi said that ran to its end. */
export interface Printed extends Ending {
  stdout: string;
  stderr: string;
}

/** Runs `pi -p` or `pi --mode json` to its end. One that does not end is killed after a minute. */
export async function runPi({ command, cwd, env }: Launch): Promise<Printed> {
  const child = Bun.spawn(command, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  return { ...endingOf(child), stdout, stderr };
}
