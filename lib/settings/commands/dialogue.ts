import type { Check } from "../../doctor/check.ts";

/** Talk with a person, in pi or at a terminal. What is shown may hold paths and names that others chose. */
export interface Dialogue {
  /** Whether somebody is there to answer; else nothing below is called but `say`. */
  readonly isInteractive: boolean;
  /** Tells what happens. */
  say(text: string, level?: "info" | "warning"): void;
  /**
   * Asks for yes or no; `details` stand above. No answer is no. Where it is risky, Enter alone is no
   * yes, if that can be had.
   */
  confirm(question: string, details: readonly string[], isRisky?: boolean): Promise<boolean>;
  /** Lets one of the choices be taken; undefined where none was. */
  choose<Value extends string>(
    question: string,
    choices: readonly { value: Value; label: string }[],
  ): Promise<Value | undefined>;
  /** Asks for a text; undefined where there was no answer. */
  ask(question: string, options: AskOptions): Promise<string | undefined>;
  /** Takes a secret that a program hands over; not there where none can. */
  readSecret?(): Promise<string>;
}

/** How a text is asked for. */
export interface AskOptions {
  initial?: string | undefined;
  example?: string;
  /** It is not shown while it is typed, where that can be. */
  isSecret?: boolean;
  /** What is wrong with an answer; undefined takes it. */
  check?: (answer: string) => string | undefined;
}

/** What came of a command. */
export interface Report {
  /** For people. */
  readonly lines: readonly string[];
  /** What the lines say, where they are checks: for a screen that gives them signs and columns. */
  readonly checks?: readonly Check[];
  /** For programs, as `--json` prints it. */
  readonly document: Readonly<Record<string, unknown>>;
  /**
   * `attention`: something is left to the person, such as a conflict. `declined`: the person said no.
   */
  readonly outcome: "well" | "attention" | "declined";
  /** Files of pi changed, so that pi has to load them anew. */
  readonly wantsReload?: boolean;
}

/** What stands behind a command. */
export interface CommandOptions {
  /** Words behind the command's name. */
  words: readonly string[];
  /** Nothing is asked; what a person has to look at stops the command all the same. */
  yes: boolean;
  /** push and pull decide reviewed conflicts for their side. */
  force: boolean;
  /** unlock: also a lock that another machine left. */
  stale: boolean;
  dryRun: boolean;
  signal: AbortSignal;
}
