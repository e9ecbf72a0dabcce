import { isatty } from "node:tty";

import { keepLoopbackDirect } from "./proxy.ts";

/** Has the libraries and Bun itself do what the flags and our own rules say, which they ask the process for. */
export function prepareProcess(rawArgs: readonly string[]): void {
  const { env, stdout } = process;
  keepLoopbackDirect(env);
  // consola asks whether stdout is a terminal, and writes to stderr.
  const isPlain = rawArgs.includes("--no-color") || env["TERM"] === "dumb" || !isatty(2);
  if (isPlain) env["NO_COLOR"] = "1";
  stdout.on("error", ignoreClosedPipe);
}

/** A reader such as `head` that has seen enough is no failure. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
