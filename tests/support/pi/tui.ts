import { readFileSync } from "node:fs";

import type { Launch } from "./launch.ts";
import { until } from "./until.ts";

let screens = 0;

/**
 * pi as a person sees it, in a terminal of a tmux server of its own. Disposing closes the terminal
 * and kills pi where it still runs.
 */
export class TuiPi implements AsyncDisposable {
  readonly #socket: string;
  readonly #env: Launch["env"];
  readonly #pid: number;

  /** Opens a terminal of 140 x 50 characters. `dir` is for the socket of tmux. */
  constructor({ command, cwd, env }: Launch, dir: string) {
    this.#socket = `${dir}/tmux-${++screens}`;
    this.#env = env;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    // `env -i` keeps tmux's own variables from pi, which has special ways for tmux.
    const started = ["env", "-i", ...variables, ...command];
    // A terminal that remains keeps tmux there, which has to collect the process that ended.
    const remain = ["set-option", "-g", "remain-on-exit", "on", ";"];
    const open = ["new-session", "-d", "-x", "140", "-y", "50", "-c", cwd, "--", ...started];
    this.#tmux("start-server", ";", ...remain, ...open);
    this.#pid = Number(this.#tmux("list-panes", "-F", "#{pane_pid}"));
  }

  /** What the screen shows; with the codes of its colours, if wanted. */
  screen({ isColored = false } = {}): string {
    return this.#tmux("capture-pane", "-p", ...(isColored ? ["-e"] : []));
  }

  /** Waits until the screen shows a text. */
  async sees(text: string | RegExp): Promise<void> {
    const pattern = typeof text === "string" ? new RegExp(RegExp.escape(text)) : text;
    await until(`the screen to show ${text}`, () => pattern.test(this.screen()), {
      describe: () => this.screen(),
    });
  }

  /** Waits until the screen shows a text no more. */
  async seesNo(text: string): Promise<void> {
    await until(`the screen not to show ${text}`, () => !this.screen().includes(text), {
      describe: () => this.screen(),
    });
  }

  /** Presses keys, by tmux's names: Enter, Escape, Up, C-d. */
  press(...keys: string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  /** Types a text without Enter and waits until it stands on the screen. */
  async type(text: string): Promise<void> {
    this.#tmux("send-keys", "-l", text);
    await this.sees(text.slice(-60));
  }

  /** Types a text and, when the menus that it opens stand, Enter. */
  async enter(text: string): Promise<void> {
    await this.type(text);
    await this.stands();
    this.press("Enter");
  }

  /** Waits until the screen does not change any more, as menus do while one types. */
  async stands(): Promise<void> {
    let [before, same] = ["", 0];
    await until("a screen that stands still", () => {
      const now = this.screen();
      same = now === before ? same + 1 : 0;
      before = now;
      return same >= 4;
    });
  }

  /** Gives the terminal another size. */
  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** Sends pi a signal. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.#pid, signal);
  }

  /** Closes the terminal, as a window is closed. */
  closeTerminal(): void {
    this.#tmux("kill-server");
  }

  /** Waits for pi's end. */
  async ended(): Promise<void> {
    await until("pi to end", () => !isRunning(this.#pid), { describe: () => this.screen() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeTerminal();
    kill(this.#pid);
    await this.ended();
  }

  #tmux(...args: string[]): string {
    const command = ["tmux", "-S", this.#socket, "-f", "/dev/null", ...args];
    return Bun.spawnSync(command, { env: this.#env, stderr: "ignore" }).stdout.toString();
  }
}

/** Ends a process that may have ended by itself. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (isRunning(pid)) throw error;
  }
}

/** Whether a process runs. One that nobody collects stays listed as a zombie. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
