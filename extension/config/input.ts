import type { Theme } from "@mariozechner/pi-coding-agent";
import type * as Parts from "@mariozechner/pi-tui";

/** What is typed, as it is asked for. */
export interface InputField {
  label: string;
  description: string;
  /** What stands there already. */
  text: string;
  /** What is typed must not be seen. */
  isSecret: boolean;
  /** What Enter does. */
  enterMeans: string;
}

/**
 * A line to type the value of a field in. `close` is called with what was typed, or without it
 * where the person goes back. `parts` is pi's module of components, there only where pi runs.
 */
export function createInput(
  parts: typeof Parts,
  theme: Theme,
  field: InputField,
  close: (typed?: string) => void,
): Parts.Component {
  const { Input, wrapTextWithAnsi } = parts;
  const input = new Input();
  input.focused = true;
  input.onSubmit = close;
  input.onEscape = () => close();
  // Pasted, it stands before the cursor.
  if (field.text !== "") input.handleInput(`\u001b[200~${field.text}\u001b[201~`);
  const hint = `Enter to ${field.enterMeans} · Esc to go back`;
  return {
    render(width) {
      const wrap = (text: string): string[] =>
        wrapTextWithAnsi(text, width - 2).map((line) => ` ${line}`);
      return [
        ...wrap(theme.fg("accent", theme.bold(field.label))),
        ...wrap(theme.fg("muted", field.description)),
        "",
        ...(isSecret(field, input) ? renderDots(input, width) : input.render(width)),
        "",
        ...wrap(theme.fg("dim", hint)),
      ];
    },
    handleInput: (data) => input.handleInput(data),
    invalidate() {},
  };
}

/** A key may be about to go into the wrong field. */
function isSecret(field: InputField, input: Parts.Input): boolean {
  return field.isSecret || /^(?:osk_|AGE-SECRET-KEY-)/.test(input.getValue().trimStart());
}

/** The cursor stays where it is: as many dots stand there as characters. */
function renderDots(input: Parts.Input, width: number): string[] {
  const typed = input.getValue();
  input.setValue("•".repeat(typed.length));
  try {
    return input.render(width);
  } finally {
    input.setValue(typed);
  }
}
