import { parseHeader } from "./entry.ts";
import type { Entry, SessionHeader } from "./entry.ts";
import { readFileLines } from "./file.ts";
import type { Line } from "./lines.ts";
import { parseLine } from "./parse-line.ts";
import { asArray, asRecord, asString } from "./value.ts";

/** What a file is. */
export type SessionInspection =
  | {
      kind: "session";
      header: SessionHeader;
      /** The first text that the person wrote; absent where all prompts are images. */
      firstPrompt?: string;
      /** The name that the person gave it. */
      name?: string;
    }
  | { kind: "skip"; reason: SkipReason };

/** Why a file is no session worth showing. */
export type SkipReason =
  | "empty"
  | "no session header"
  | "event log, not a session file"
  | "no prompt";

/**
 * Looks what a file is. It reads all of it, but parses only up to the first prompt and what may
 * hold a name. Throws an `AppError` with the code `io` as `readFileLines` does.
 */
export async function inspectSession(path: string): Promise<SessionInspection> {
  const look = new Look();
  for await (const lines of readFileLines(path)) {
    for (const line of lines) look.add(line);
    if (look.rejection) break;
  }
  return look.result();
}

/**
 * The name that the session was given last, at or behind the offset `from`: empty where it was taken
 * away again, undefined where there is none. Throws an `AppError` with the code `io` as
 * `readFileLines` does.
 */
export async function findName(path: string, from: number): Promise<string | undefined> {
  let name: string | undefined;
  for await (const lines of readFileLines(path, { from })) {
    for (const line of lines.filter(mayName)) {
      for (const { entry } of parseLine(line).entries) name = nameOf(entry) ?? name;
    }
  }
  return name;
}

/** What is known of a file up to some line. */
class Look {
  rejection: SkipReason | undefined;
  #isEmpty = true;
  #header: SessionHeader | undefined;
  #hasPrompt = false;
  #firstPrompt: string | undefined;
  #name: string | undefined;

  add(line: Line): void {
    if (this.#firstPrompt !== undefined && !mayName(line)) return;
    const { entries, damage } = parseLine(line);
    this.#isEmpty &&= entries.length === 0 && damage === undefined;
    for (const { entry } of entries) this.#note(entry);
  }

  result(): SessionInspection {
    if (this.#isEmpty) return { kind: "skip", reason: "empty" };
    if (this.rejection) return { kind: "skip", reason: this.rejection };
    if (!this.#header) return { kind: "skip", reason: "no session header" };
    if (!this.#hasPrompt) return { kind: "skip", reason: "no prompt" };
    const session: SessionInspection = { kind: "session", header: this.#header };
    if (this.#firstPrompt !== undefined) session.firstPrompt = this.#firstPrompt;
    if (this.#name) session.name = this.#name;
    return session;
  }

  #note(entry: Entry): void {
    if (!this.#header) {
      this.#header = parseHeader(entry);
      if (!this.#header) this.rejection = "no session header";
      return;
    }
    if (!this.#hasPrompt && eventTypes.has(entry.type))
      this.rejection = "event log, not a session file";
    this.#name = nameOf(entry) ?? this.#name;
    const message = entry.type === "message" ? asRecord(entry["message"]) : undefined;
    if (message?.["role"] !== "user") return;
    this.#hasPrompt = true;
    this.#firstPrompt ??= textOf(message["content"]);
  }
}

/** `pi --mode json` prints the header of a session file, and then events of these types. */
const eventTypes = new Set(["agent_start", "turn_start", "message_start"]);

const nameMark = Buffer.from('"session_info"');

/** Whether the line may name the session; the words can also stand in a text. */
function mayName(line: Line): boolean {
  return line.bytes?.includes(nameMark) ?? false;
}

function nameOf(entry: Entry): string | undefined {
  return entry.type === "session_info" ? (asString(entry["name"])?.trim() ?? "") : undefined;
}

/** The text of a prompt, which is absent where it is images alone. */
function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content.trim() ? content : undefined;
  const texts = asArray(content).map((block) => asString(asRecord(block)?.["text"]) ?? "");
  return texts.filter((text) => text.trim() !== "").join("\n\n") || undefined;
}
