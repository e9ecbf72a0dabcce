import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../../lib/platform/run-command.ts";
import { tempDir } from "../../support/temp.ts";

describe("a command", () => {
  test("gives what it printed on stdout alone", async () => {
    expect(await runCommand("echo one && echo two >&2", 5000)).toEqual({ output: "one\n" });
  });

  test("reads no input", async () => {
    expect(await runCommand("cat", 5000)).toEqual({ output: "" });
  });

  test("that fails says how", async () => {
    expect(await runCommand("echo out; exit 7", 5000)).toEqual({ failure: "exit code 7" });
    expect(await runCommand("kill -9 $$", 5000)).toEqual({ failure: "it was ended by SIGKILL" });
  });

  test("that takes too long is ended with what it started", async () => {
    await using dir = await tempDir();
    const file = join(dir.path, "pid");
    const startedAt = Date.now();
    const result = await runCommand(`sleep 30 & echo $! > '${file}'; wait`, 400);
    expect(result).toEqual({ failure: "it took longer than 0.4 s" });
    expect(Date.now() - startedAt).toBeLessThan(5000);
    const pid = Number(await readFile(file, "utf8"));
    await waitUntilGone(pid);
  });

  test("that nobody waits for any more is ended with what it started", async () => {
    await using dir = await tempDir();
    const file = join(dir.path, "pid");
    const end = new AbortController();
    const result = runCommand(`sleep 30 & echo $! > '${file}'; wait`, 10_000, end.signal);
    await Bun.sleep(300);
    end.abort();
    expect(await result).toEqual({ failure: "nobody waits for it any more" });
    await waitUntilGone(Number(await readFile(file, "utf8")));
    expect(await runCommand("echo", 5000, end.signal)).toEqual(await result);
  });

  test("that prints without end is ended", async () => {
    expect(await runCommand("yes", 10_000)).toEqual({ failure: "it printed more than a secret" });
  });
});

async function waitUntilGone(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await isGone(pid)) return;
    await Bun.sleep(20);
  }
  throw new Error(`process ${pid} still runs`);
}

/** A process that nobody has waited for yet is gone, too. */
async function isGone(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return / Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}
