import type { ExtensionUIContext } from "@mariozechner/pi-coding-agent";

import { backgroundClock } from "../../lib/platform/clock.ts";

/** Work that is over sooner shows nothing. */
const patienceMs = 250;

/**
 * Shows at a terminal that work goes on, in the place of pi's editor, so that nothing can be asked
 * meanwhile. Escape calls `cancel`.
 */
export class Busy {
  readonly #ui: ExtensionUIContext;
  readonly #message: string;
  readonly #cancel: () => void;
  /** What goes on is hidden by its end. */
  #shown: { end: AbortController; closed: Promise<void> } | undefined;

  constructor(ui: ExtensionUIContext, message: string, cancel: () => void) {
    this.#ui = ui;
    this.#message = message;
    this.#cancel = cancel;
  }

  /** Shows it, unless it is hidden very soon. */
  show(): void {
    const end = new AbortController();
    this.#shown ??= { end, closed: this.#open(end.signal).catch(() => {}) };
  }

  /** Resolves when pi's editor is back. */
  async hide(): Promise<void> {
    const shown = this.#shown;
    this.#shown = undefined;
    shown?.end.abort();
    await shown?.closed;
  }

  async #open(signal: AbortSignal): Promise<void> {
    await backgroundClock.sleep(patienceMs, signal);
    const { BorderedLoader } = await import("@mariozechner/pi-coding-agent");
    signal.throwIfAborted();
    await this.#ui.custom<void>((tui, theme, _keybindings, done) => {
      const loader = new BorderedLoader(tui, theme, this.#message);
      loader.onAbort = this.#cancel;
      signal.addEventListener("abort", () => done(), { once: true });
      return loader;
    });
  }
}
