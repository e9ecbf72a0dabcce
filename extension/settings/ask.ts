import type { ExtensionUIContext } from "@mariozechner/pi-coding-agent";

import { createInput } from "../config/input.ts";
import { show } from "../config/terminal.ts";
import type { Question } from "./dialogue.ts";

/** Asks for a text in the place of pi's editor. Undefined where there is no terminal. */
export async function askInTerminal(
  ui: ExtensionUIContext,
  { question, text, example, isSecret, problem }: Question,
  signal: AbortSignal,
): Promise<{ answer: string | undefined } | undefined> {
  return show<{ answer: string | undefined }>(
    ui,
    signal,
    { answer: undefined },
    async (tui, theme, done) => {
      const parts = await import("@mariozechner/pi-tui");
      const { DynamicBorder } = await import("@mariozechner/pi-coding-agent");
      const hints = [
        problem === undefined ? "" : theme.fg("error", problem),
        example === undefined ? "" : `For example: ${example}`,
        isSecret && !question.includes("$NAME")
          ? "Itself, $NAME of a variable that holds it, or !command that prints it."
          : "",
      ];
      const description = hints.filter((hint) => hint !== "").join("\n");
      const field = { label: question, description, text, isSecret, enterMeans: "accept" };
      const input = createInput(parts, theme, field, (answer) => done({ answer }));
      const border = (line: string): string => theme.fg("border", line);
      const box = new parts.Container();
      box.addChild(new DynamicBorder(border));
      box.addChild(input);
      box.addChild(new DynamicBorder(border));
      return Object.assign(box, {
        handleInput(data: string) {
          input.handleInput?.(data);
          tui.requestRender();
        },
      });
    },
  );
}
