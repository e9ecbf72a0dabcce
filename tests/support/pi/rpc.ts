import type { Subprocess } from "bun";

import { readLines } from "./read-lines.ts";
import { endingOf } from "./launch.ts";
import type { Ending, Launch } from "./launch.ts";
import { until } from "./until.ts";

/** An event, a response, or a request of an extension, as pi prints it. */
export interface RpcEvent {
  type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- events of any shape
  [field: string]: any;
}

/** The answer to a dialog of an extension. */
type DialogAnswer = { value: string } | { confirmed: boolean } | { cancelled: true };

const dialogMethods = new Set(["select", "confirm", "input", "editor"]);

/** A pi that is driven with JSON lines (`--mode rpc`). Disposing kills it where it still runs. */
export class RpcPi implements AsyncDisposable {
  /** All that pi printed so far. */
  readonly events: RpcEvent[] = [];
  readonly #child: Subprocess<"pipe", "pipe", "pipe">;
  readonly #answered = new Set<string>();
  readonly #ended: Promise<Ending>;
  #stderr = "";
  #requests = 0;

  constructor({ command, cwd, env }: Launch) {
    this.#child = Bun.spawn(command, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    const child = this.#child;
    const readers = [
      readLines(child.stdout, (line) => this.events.push(JSON.parse(line) as RpcEvent)),
      readLines(child.stderr, (line) => (this.#stderr += `${line}\n`)),
    ];
    this.#ended = Promise.all([child.exited, ...readers]).then(() => endingOf(child));
  }

  /** Sends a command and waits for its response. @throws Error where it is no success */
  async ask(type: string, fields: Record<string, unknown> = {}): Promise<RpcEvent> {
    const id = `request-${++this.#requests}`;
    this.#write({ id, type, ...fields });
    const response = await this.#until(`the response to ${type}`, () =>
      this.events.find((event) => event.type === "response" && event["id"] === id),
    );
    if (response["success"] !== true) throw new Error(`${type} failed: ${response["error"]}`);
    return response;
  }

  /** Gives a prompt and waits until pi has come to rest. */
  async prompt(message: string, fields: Record<string, unknown> = {}): Promise<void> {
    const from = this.events.length;
    await this.ask("prompt", { message, ...fields });
    await this.sees("agent_end", { from });
    await this.rests();
  }

  /** Waits for an event that pi prints at or behind the index `from`. */
  sees(
    type: string,
    { from = 0, where = () => true }: { from?: number; where?: (event: RpcEvent) => boolean } = {},
  ): Promise<RpcEvent> {
    return this.#until(type, () =>
      this.events.slice(from).find((event) => event.type === type && where(event)),
    );
  }

  /** Waits until pi does nothing and nothing is queued. */
  async rests(): Promise<void> {
    await this.#until("pi to come to rest", async () => {
      const { data } = await this.ask("get_state");
      return (
        !data.isStreaming &&
        !data.isCompacting &&
        data.pendingMessageCount === 0 &&
        !this.#isWaitingToRetry()
      );
    });
  }

  /** Waits for a dialog of an extension that has not been answered. */
  dialog(): Promise<RpcEvent> {
    return this.#until("a dialog", () =>
      this.#uiRequests().find(
        ({ method, id }) => dialogMethods.has(method) && !this.#answered.has(id),
      ),
    );
  }

  /** Answers a dialog of an extension. */
  answer(dialog: RpcEvent, answer: DialogAnswer): void {
    this.#answered.add(dialog["id"]);
    this.#write({ type: "extension_ui_response", id: dialog["id"], ...answer });
  }

  /** What extensions notified of so far. */
  notices(): { message: string; type: string }[] {
    return this.#uiRequests()
      .filter(({ method }) => method === "notify")
      .map(({ message, notifyType = "info" }) => ({ message, type: notifyType }));
  }

  /** What an extension shows in the footer now. */
  status(key: string): string | undefined {
    return this.#uiRequests().findLast(
      ({ method, statusKey }) => method === "setStatus" && statusKey === key,
    )?.["statusText"];
  }

  /** What extensions did wrong so far. */
  errors(): string[] {
    return this.events
      .filter(({ type }) => type === "extension_error")
      .map((e) => String(e["error"]));
  }

  /** Ends pi as a client does: its input ends. */
  async close(): Promise<Ending> {
    await this.#child.stdin.end();
    return this.ended();
  }

  /** Sends pi a signal and waits for its end. */
  async kill(signal: NodeJS.Signals): Promise<Ending> {
    this.#child.kill(signal);
    return this.ended();
  }

  /** Waits for pi's end, 20 s at the most. */
  async ended(): Promise<Ending> {
    await until("pi to end", () => this.#hasEnded(), { describe: () => this.#describe() });
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #write(line: object): void {
    void this.#child.stdin.write(`${JSON.stringify(line)}\n`);
    void this.#child.stdin.flush();
  }

  #uiRequests(): RpcEvent[] {
    return this.events.filter(({ type }) => type === "extension_ui_request");
  }

  #isWaitingToRetry(): boolean {
    return (
      this.events.findLast(({ type }) => type.startsWith("auto_retry"))?.type === "auto_retry_start"
    );
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #until<T>(
    what: string,
    probe: () => T | undefined | false | Promise<T | false>,
  ): Promise<T> {
    return until(
      what,
      () => {
        const found = probe();
        if (!found && this.#hasEnded())
          throw new Error(`no ${what}: pi ended\n${this.#describe()}`);
        return found;
      },
      { describe: () => this.#describe() },
    );
  }

  #describe(): string {
    const last = this.events
      .filter(({ command }) => command !== "get_state")
      .slice(-8)
      .map((event) => JSON.stringify(event).slice(0, 300));
    return [...last, this.#stderr].join("\n");
  }
}
