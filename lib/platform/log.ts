import { appendFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { makePrivateDir, privateFileMode } from "./files.ts";

/** A log is never larger than twice this: the file, and the one before it. */
const logBytesMax = 1024 * 1024;

/**
 * Opens a log file, which only its owner can read. Lines are written in the background, in order; a
 * log that can't be written is none, and nobody is told. When the file is full it becomes
 * `<path>.1`, in place of the one before.
 */
export function openLog(path: string, now: () => number): (line: string) => void {
  let waiting = "";
  let isWriting = false;
  const write = async (): Promise<void> => {
    await makePrivateDir(dirname(path));
    while (waiting !== "") {
      const text = waiting;
      waiting = "";
      const size = await stat(path).then(
        (stats) => stats.size,
        () => 0,
      );
      if (size + text.length > logBytesMax) await rename(path, `${path}.1`).catch(() => {});
      await appendFile(path, text, { mode: privateFileMode });
    }
  };
  return (line) => {
    // What is not written in time is lost rather than kept: a log must not fill the memory.
    if (waiting.length > logBytesMax / 2) waiting = "";
    waiting += `${new Date(now()).toISOString()} ${line.replaceAll(/\s+/g, " ")}\n`;
    if (isWriting) return;
    isWriting = true;
    void write()
      .catch(() => (waiting = ""))
      .then(() => (isWriting = false));
  };
}
