import { isatty } from "node:tty";

import type { Dialogue } from "../../lib/settings/commands/dialogue.ts";
import { isSilent } from "../context.ts";
import type { LoudnessFlags } from "../context.ts";
import { isInteractive } from "../ui/interactive.ts";
import type { AskingFlags } from "../ui/interactive.ts";
import { createMessages } from "../ui/messages.ts";
import type { Prompter } from "../ui/prompt.ts";
import { readKeyFromStdin } from "../ui/read-key.ts";
import { fitRow } from "./rows.ts";
import { spell } from "./spell.ts";

const pipeHint = "For example: pass show r2 | pi-opensync settings config secretAccessKey";

/** Talk about settings at a terminal. `open` gives the prompter, and is called at the first question. */
export function createDialogue(
  flags: AskingFlags & LoudnessFlags,
  open: () => Promise<Prompter>,
): Dialogue {
  const messages = createMessages({ quiet: isSilent(flags), verbose: flags.verbose === true });
  let prompter: Prompter | undefined;
  const begin = async (): Promise<Prompter> => (prompter ??= await open());
  return {
    isInteractive: isInteractive(flags),
    say(text, level = "info") {
      const shown = spell(text);
      if (level === "warning") (prompter ?? messages).warn(shown);
      else if (prompter) prompter.say(shown);
      else messages.info(shown);
    },
    async confirm(question, details, isRisky = false) {
      const talk = await begin();
      if (details.length > 0) {
        talk.say(details.map((line) => fitRow(spell(line), talk.width)).join("\n"));
      }
      return talk.confirm(question, !isRisky);
    },
    choose: async (question, choices) => (await begin()).choose(question, choices),
    async ask(question, { initial, example, isSecret, check = () => undefined }) {
      const talk = await begin();
      if (isSecret) return talk.askSecret(question, check);
      return talk.ask(question, {
        ...(initial !== undefined && { initial }),
        ...(example !== undefined && { example }),
        check,
      });
    },
    ...(!isatty(0) && { readSecret: () => readKeyFromStdin(pipeHint) }),
  };
}
