import * as clack from "@clack/prompts";

import { AppError } from "../../lib/errors.ts";
import { wrapWords } from "./wrap.ts";

/** One of the answers to a question. */
export interface Choice<Value> {
  value: Value;
  label: string;
  /** More about it, while it is the one that Enter would take. */
  hint?: string | undefined;
}

/** What is wrong with an answer; undefined takes it. */
export type CheckAnswer = (answer: string) => string | undefined;

/**
 * Talk with a person at a terminal, all of it on stderr. Each question rejects with an AppError
 * "cancelled" at Ctrl-C or Escape.
 */
export interface Prompter {
  /** So many columns a line has. */
  readonly width: number;
  /** The first line. */
  begin(title: string): void;
  /** The last line. */
  end(text: string): void;
  /** The last line where nothing comes of it. */
  cancel(text: string): void;
  say(text: string): void;
  success(text: string): void;
  warn(text: string): void;
  fail(text: string, hint?: string): void;
  /** Lines under a title. */
  show(title: string, lines: readonly string[]): void;
  choose<Value extends string>(
    question: string,
    choices: readonly Choice<Value>[],
    initial?: Value,
  ): Promise<Value>;
  /** Any number of the choices. */
  chooseSome<Value extends string>(
    question: string,
    choices: readonly Choice<Value>[],
    initial: readonly Value[],
  ): Promise<Value[]>;
  confirm(question: string, initial?: boolean): Promise<boolean>;
  ask(
    question: string,
    options: { initial?: string; example?: string; check: CheckAnswer },
  ): Promise<string>;
  /** Asks for what nobody should see on the screen. */
  askSecret(question: string, check: CheckAnswer): Promise<string>;
}

/** Begins to talk. When `signal` is aborted, an open question is taken back, as by Ctrl-C. */
export function createPrompter(signal: AbortSignal): Prompter {
  const { stderr } = process;
  const common = { output: stderr, signal };
  const width = (stderr.columns || 80) - guideWidth;
  const wrap = (text: string): string => wrapWords(text, width);
  return {
    width,
    begin: (title) => clack.intro(title, common),
    end: (text) => clack.outro(wrap(text), common),
    cancel: (text) => clack.cancel(wrap(text), common),
    say: (text) => clack.log.message(wrap(text), common),
    success: (text) => clack.log.success(wrap(text), common),
    warn: (text) => clack.log.warn(wrap(text), common),
    fail: (text, hint = "") => clack.log.error(wrap(`${text}\n${hint}`.trim()), common),
    show(title, lines) {
      clack.log.step([title, ...lines].map(wrap).join("\n"), common);
    },
    choose: async (question, choices, initial) =>
      answered(
        await clack.select<string>({
          message: question,
          options: choices.map(toOption),
          ...(initial !== undefined && { initialValue: initial }),
          ...common,
        }),
      ) as (typeof choices)[number]["value"],
    chooseSome: async (question, choices, initial) =>
      answered(
        await clack.multiselect<string>({
          message: question,
          options: choices.map(toOption),
          initialValues: [...initial],
          required: false,
          ...common,
        }),
      ) as (typeof choices)[number]["value"][],
    confirm: async (question, initial = true) =>
      answered(await clack.confirm({ message: question, initialValue: initial, ...common })),
    ask: async (question, { initial, example, check }) =>
      answered(
        await clack.text({
          message: question,
          ...(initial !== undefined && { initialValue: initial }),
          ...(example !== undefined && { placeholder: example }),
          validate: (typed = "") => check(typed.trim()),
          ...common,
        }),
      ).trim(),
    askSecret: async (question, check) =>
      answered(
        await clack.password({
          message: question,
          validate: (typed = "") => check(typed.trim()),
          clearOnError: true,
          ...common,
        }),
      ).trim(),
  };
}

/** The line that clack draws at the left, and a column that terminals keep for the line's end. */
const guideWidth = 4;

function toOption({ value, label, hint }: Choice<string>): clack.Option<string> {
  return { value, label, ...(hint !== undefined && { hint }) };
}

function answered<T>(answer: T | typeof clack.CANCEL_SYMBOL): T {
  if (clack.isCancel(answer)) throw new AppError("cancelled", "Cancelled.");
  return answer;
}
