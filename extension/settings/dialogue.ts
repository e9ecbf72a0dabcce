import type { ExtensionUIContext } from "@mariozechner/pi-coding-agent";

import type { AskOptions, Dialogue } from "../../lib/settings/commands/dialogue.ts";
import type { Busy } from "./busy.ts";
import { askInTerminal } from "./ask.ts";
import { spell } from "./tools.ts";

/** What the dialogue has to do with. */
interface Parts {
  ui: ExtensionUIContext;
  /** Whether somebody is there to answer. */
  hasUI: boolean;
  busy: Busy;
  /** Ends a question that is open. */
  signal: AbortSignal;
}

/** More lines above a question would push it off the screen. */
const detailsMax = 20;

/** Talk about settings over pi's dialogs. */
export function createDialogue({ ui, hasUI, busy, signal }: Parts): Dialogue {
  /** What is asked takes the place of what shows that work goes on. */
  const asking = async <T>(ask: () => Promise<T>): Promise<T> => {
    await busy.hide();
    try {
      const answer = await ask();
      // An answer that the end of the session gave is none.
      signal.throwIfAborted();
      return answer;
    } finally {
      busy.show();
    }
  };
  const choose: Dialogue["choose"] = async (question, choices) => {
    const labels = choices.map(({ label }) => label);
    const chosen = await asking(() => ui.select(spell(question), labels, { signal }));
    return choices[labels.indexOf(chosen ?? "")]?.value;
  };
  return {
    isInteractive: hasUI,
    say: (text, level = "info") => ui.notify(spell(text), level),
    choose,
    async confirm(question, details, isRisky = false) {
      const shown = shorten(details).map(spell);
      if (!isRisky) return asking(() => ui.confirm(question, shown.join("\n"), { signal }));
      // pi's own confirmation begins with its yes.
      const answer = await choose([question, ...shown].join("\n"), [
        { value: "no", label: "No" },
        { value: "yes", label: "Yes" },
      ] as const);
      return answer === "yes";
    },
    ask: (question, options) => asking(() => askUntilRight(ui, question, options, signal)),
  };
}

function shorten(lines: readonly string[]): readonly string[] {
  const rest = lines.length - detailsMax;
  return rest > 1 ? [...lines.slice(0, detailsMax), `… and ${rest} more`] : lines;
}

async function askUntilRight(
  ui: ExtensionUIContext,
  question: string,
  { initial = "", example, isSecret = false, check = () => undefined }: AskOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  let text = initial;
  let problem: string | undefined;
  for (;;) {
    const answer = await askOnce(ui, { question, text, example, isSecret, problem }, signal);
    if (answer === undefined) return undefined;
    problem = check(answer);
    if (problem === undefined) return answer;
    text = isSecret ? "" : answer;
  }
}

/** A question for a text. */
export interface Question {
  question: string;
  /** What stands there already. */
  text: string;
  example: string | undefined;
  isSecret: boolean;
  /** What was wrong with the last answer. */
  problem: string | undefined;
}

async function askOnce(
  ui: ExtensionUIContext,
  question: Question,
  signal: AbortSignal,
): Promise<string | undefined> {
  const asked = await askInTerminal(ui, question, signal);
  if (asked !== undefined) return asked.answer;
  const { problem = "", isSecret, example, text } = question;
  const isSeen = isSecret
    ? "What you type may be shown: better name a variable ($NAME), or a command that prints it (!command)."
    : "";
  const title = [problem, question.question, isSeen].filter(Boolean).join(" ");
  return ui.input(title, text || example, { signal });
}
