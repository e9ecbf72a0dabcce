import { choiceEntryType, readChoice } from "./choice.ts";
import type { SyncChoice } from "./choice.ts";
import { parseHeader } from "./entry.ts";
import type { Entry, SessionHeader } from "./entry.ts";
import { readFileLines } from "./file.ts";
import type { Line } from "./lines.ts";
import { parseLine } from "./parse-line.ts";
import { asArray, asRecord, asString } from "./value.ts";

/** What a file is. */
export type SessionInspection =
  | ({
      kind: "session";
      header: SessionHeader;
      /** The first text that the person wrote; absent where all prompts are images. */
      firstPrompt?: string;
    } & LatestFacts)
  | { kind: "skip"; reason: SkipReason };

/** What a session file may say several times, and what it said last. */
export interface LatestFacts {
  /** The name that the person gave the session; empty where it was taken away again. */
  name?: string;
  /** What the person decided about sending it. */
  choice?: SyncChoice;
}

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
 * What stands last at or behind the offset `from`. Throws an `AppError` with the code `io` as
 * `readFileLines` does.
 */
export async function findLatest(path: string, from: number): Promise<LatestFacts> {
  const facts: LatestFacts = {};
  for await (const lines of readFileLines(path, { from })) {
    for (const line of lines.filter(mayTell)) {
      for (const { entry } of parseLine(line).entries) noteFacts(facts, entry);
    }
  }
  return facts;
}

/** What is known of a file up to some line. */
class Look {
  rejection: SkipReason | undefined;
  #isEmpty = true;
  #header: SessionHeader | undefined;
  #hasPrompt = false;
  #firstPrompt: string | undefined;
  readonly #facts: LatestFacts = {};

  add(line: Line): void {
    if (this.#firstPrompt !== undefined && !mayTell(line)) return;
    const { entries, damage } = parseLine(line);
    this.#isEmpty &&= entries.length === 0 && damage === undefined;
    for (const { entry } of entries) this.#note(entry);
  }

  result(): SessionInspection {
    if (this.#isEmpty) return { kind: "skip", reason: "empty" };
    if (this.rejection) return { kind: "skip", reason: this.rejection };
    if (!this.#header) return { kind: "skip", reason: "no session header" };
    if (!this.#hasPrompt) return { kind: "skip", reason: "no prompt" };
    const session: SessionInspection = {
      kind: "session",
      header: this.#header,
      ...this.#facts,
    };
    if (this.#firstPrompt !== undefined) session.firstPrompt = this.#firstPrompt;
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
    noteFacts(this.#facts, entry);
    const message = entry.type === "message" ? asRecord(entry["message"]) : undefined;
    if (message?.["role"] !== "user") return;
    this.#hasPrompt = true;
    this.#firstPrompt ??= textOf(message["content"]);
  }
}

/** `pi --mode json` prints the header of a session file, and then events of these types. */
const eventTypes = new Set(["agent_start", "turn_start", "message_start"]);

const marks = [`"session_info"`, `"${choiceEntryType}"`].map((mark) => Buffer.from(mark));

/** Whether the line may hold one of the facts; the words can also stand in a text. */
function mayTell({ bytes }: Line): boolean {
  return bytes !== undefined && marks.some((mark) => bytes.includes(mark));
}

/** Takes in what an entry says of the facts. */
export function noteFacts(facts: LatestFacts, entry: Entry): void {
  if (entry.type === "session_info") facts.name = asString(entry["name"])?.trim() ?? "";
  const choice = readChoice(entry);
  if (choice !== undefined) facts.choice = choice;
}

/** The text of a prompt, which is absent where it is images alone. */
function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content.trim() ? content : undefined;
  const texts = asArray(content).map((block) => asString(asRecord(block)?.["text"]) ?? "");
  return texts.filter((text) => text.trim() !== "").join("\n\n") || undefined;
}
