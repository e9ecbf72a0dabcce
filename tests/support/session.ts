import type { Entry, SessionHeader } from "../../lib/session/entry.ts";

const start = Date.parse("2026-03-01T10:00:00.000Z");

/** Writes a session as pi does: one entry after another, each linked to the one before it. */
export class SessionBuilder {
  readonly header: SessionHeader;
  readonly entries: Entry[] = [];
  #leaf: string | null = null;
  #time = start;

  constructor(header: Partial<SessionHeader> = {}) {
    this.header = {
      type: "session",
      version: 3,
      id: "019e742e-9d84-7578-90d7-674f47fc7c07",
      timestamp: new Date(start).toISOString(),
      cwd: "/home/ada/engine",
      ...header,
    };
  }

  /** Appends an entry a second after the last one. Gives its id. */
  add(type: string, fields: Record<string, unknown> = {}): string {
    this.#time += 1000;
    const id = (this.entries.length + 1).toString(16).padStart(8, "0");
    const timestamp = new Date(this.#time).toISOString();
    this.entries.push({ type, id, parentId: this.#leaf, timestamp, ...fields });
    this.#leaf = id;
    return id;
  }

  message(role: string, fields: Record<string, unknown> = {}): string {
    return this.add("message", { message: { role, timestamp: this.#time + 1000, ...fields } });
  }

  user(text: string): string {
    return this.message("user", { content: [{ type: "text", text }] });
  }

  assistant(text: string, fields: Record<string, unknown> = {}): string {
    return this.message("assistant", {
      content: text ? [{ type: "text", text }] : [],
      provider: "anthropic",
      model: "claude-opus-4-5",
      stopReason: "stop",
      usage: usage(100, 10),
      ...fields,
    });
  }

  /** An answer that calls one tool, and its result. Gives the id of the result's entry. */
  tool(name: string, args: unknown, output: string): string {
    const id = `call_${this.entries.length}`;
    const call = { type: "toolCall", id, name, arguments: args };
    this.assistant("", { content: [call], stopReason: "toolUse" });
    const content = [{ type: "text", text: output }];
    return this.message("toolResult", { toolCallId: id, toolName: name, content, isError: false });
  }

  /** Goes back in the tree, as `/tree` does. */
  goTo(id: string | null): void {
    this.#leaf = id;
  }

  /** Takes all entries of another session over, as a fork does. */
  copy(other: SessionBuilder): void {
    this.entries.push(...structuredClone(other.entries));
    this.#leaf = other.#leaf;
    this.#time = other.#time;
  }

  /** Lets time pass. */
  wait(ms: number): void {
    this.#time += ms;
  }

  /** The file's content. */
  toJsonl(): string {
    return [this.header, ...this.entries].map((line) => `${JSON.stringify(line)}\n`).join("");
  }
}

/** The usage of an answer; its cost is a cent for every 100 tokens. */
export function usage(input: number, output: number, cacheRead = 0, cacheWrite = 0): object {
  const totalTokens = input + output + cacheRead + cacheWrite;
  return { input, output, cacheRead, cacheWrite, totalTokens, cost: { total: totalTokens / 1e4 } };
}
