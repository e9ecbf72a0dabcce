import { AppError } from "../../lib/errors.ts";
import { exitCodes } from "../exit-code.ts";
import { catchInterrupts } from "../interrupt.ts";
import type { Prompter } from "./prompt.ts";

/** What came of a dialogue, or the exit code where the person ended it. */
export type Conversation<T> = { value: T } | { exitCode: number };

/**
 * Talks with the person. Ctrl-C, Escape or SIGTERM end it at any question, and between two of them
 * through `signal`; `goodbye` is said then.
 */
export async function converse<T>(
  goodbye: string,
  talk: (prompter: Prompter, signal: AbortSignal) => Promise<T>,
): Promise<Conversation<T>> {
  // clack decides about colours while it is loaded, which must not be before flags are known.
  const { createPrompter } = await import("./prompt.ts");
  // Behind the ^C that terminals print.
  using interrupt = catchInterrupts(() => process.stderr.write("\n"));
  const prompter = createPrompter(interrupt.signal);
  try {
    return { value: await talk(prompter, interrupt.signal) };
  } catch (error) {
    const isCancelled = error instanceof AppError && error.code === "cancelled";
    const isAborted = interrupt.signal.aborted && error === interrupt.signal.reason;
    if (!isCancelled && !isAborted) throw error;
    prompter.cancel(goodbye);
    return { exitCode: interrupt.exitCode() ?? exitCodes.interrupted };
  }
}
