import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** What the server has to hold of a session, as its file alone says. */
export interface TrueSession {
  externalId: string;
  title: string;
  projectPath: string;
  createdAt: number;
  model?: string;
  promptTokens: number;
  completionTokens: number;
  cost: number;
  /** Working time: from entry to entry, where that is no pause of half an hour. */
  durationMs: number;
  messages: TrueMessage[];
}

/** What the server has to hold of a message. */
export interface TrueMessage {
  externalId: string;
  role: string;
  /** What the text begins with: all of it, but for markers in our own words. */
  text: string;
  createdAt: number;
  /** Name and id of each tool call, and of each result. */
  tools: string[];
  model?: string;
  promptTokens?: number;
  completionTokens?: number;
}

// oxlint-disable-next-line typescript/no-explicit-any -- lines of any shape
type Line = Record<string, any>;

/**
 * Derives from a session file what a server has to hold of it, without any of the code that sends.
 * Undefined where it holds no prompt: such a session is not sent.
 */
export function readTruth(file: string): TrueSession | undefined {
  const [header, ...entries] = readLines(file);
  if (!header || !entries.some((entry) => entry.message?.role === "user")) return undefined;
  const externalId = `pi:${idOf(header)}`;
  const answers = entries.filter((entry) => entry.message?.role === "assistant");
  const model = answers.at(-1)?.message.model;
  const copied = copiedIds(header);
  const own = entries.filter((entry) => !copied.has(entry.id));
  return {
    externalId,
    title: titleOf(header, entries),
    projectPath: header.cwd,
    createdAt: Date.parse(header.timestamp),
    ...(model && { model }),
    ...sumUsage(own),
    durationMs: sumWork(copied.size > 0 ? [header, ...own] : own),
    messages: listMessages(externalId, entries),
  };
}

function readLines(file: string): Line[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

function idOf({ id, timestamp, cwd }: Line): string {
  if (/^[0-9a-f-]{36}$/.test(id)) return id;
  const origin = createHash("sha256").update(`${id}\n${timestamp}\n${cwd}`).digest("hex");
  return `${id}-${origin.slice(0, 12)}`;
}

function titleOf({ parentSession }: Line, entries: Line[]): string {
  const parentId = parentSession && basename(parentSession, ".jsonl").split("_")[1];
  const prefix = parentId ? `[Fork::${parentId.slice(0, 8)}] ` : "";
  const name = entries.findLast(({ type }) => type === "session_info")?.name;
  const prompts = entries.filter(({ message }) => message?.role === "user");
  const prompt = prompts
    .map(({ message }) => textOf(message, ({ type }) => type === "text"))
    .find((text) => text !== "");
  return prefix + (name || prompt?.replaceAll(/\s+/g, " ") || "Untitled");
}

/** The ids of the entries that a fork has from its parent. */
function copiedIds({ parentSession }: Line): Set<string> {
  return new Set(parentSession ? readLines(parentSession).map(({ id }) => id) : []);
}

function sumUsage(
  entries: Line[],
): Pick<TrueSession, "promptTokens" | "completionTokens" | "cost"> {
  const sum = { promptTokens: 0, completionTokens: 0, cost: 0 };
  for (const entry of entries) {
    const usage = usageOf(entry);
    sum.promptTokens += usage.promptTokens;
    sum.completionTokens += usage.completionTokens;
    sum.cost += usage.cost;
  }
  return sum;
}

function sumWork(entries: Line[]): number {
  const times = entries.map(({ timestamp }) => Date.parse(timestamp));
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  return gaps.filter((gap) => gap > 0 && gap <= 30 * 60_000).reduce((sum, gap) => sum + gap, 0);
}

function usageOf(entry: Line): { promptTokens: number; completionTokens: number; cost: number } {
  const usage = entry.usage ?? entry.message?.usage ?? {};
  const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0, cost } = usage;
  return {
    promptTokens: input + cacheRead + cacheWrite,
    completionTokens: output,
    cost: cost?.total ?? 0,
  };
}

function listMessages(externalId: string, entries: Line[]): TrueMessage[] {
  const seen = new Set<string>();
  const messages: TrueMessage[] = [];
  let previous: Line | undefined;
  let createdAt = 0;
  for (const entry of entries) {
    createdAt = Math.max(createdAt, Date.parse(entry.timestamp));
    const id = `${externalId}:${entry.id}`;
    const isJump = previous && entry.parentId !== previous.id;
    if (isJump && (entry.parentId === null || seen.has(entry.parentId))) {
      const text = "[went back to ";
      messages.push({ externalId: `${id}:jump`, role: "system", text, createdAt, tools: [] });
    }
    const said = readMessage(entry);
    if (said) messages.push({ externalId: id, createdAt, ...said });
    seen.add(entry.id);
    previous = entry;
  }
  return messages;
}

type Said = Omit<TrueMessage, "externalId" | "createdAt">;

function readMessage(entry: Line): Said | undefined {
  switch (entry.type) {
    case "compaction":
      return { role: "system", text: "[compaction of ", tools: [] };
    case "branch_summary":
      return { role: "system", text: "[summary of the branch left]", tools: [] };
    case "custom_message":
      if (!entry.display) return undefined;
      return { role: "system", text: `[${entry.customType}] ${textOf(entry)}`, tools: [] };
    default:
      return entry.message && readMessageOf(entry);
  }
}

function readMessageOf(entry: Line): Said | undefined {
  const { message } = entry;
  switch (message.role) {
    case "user":
      return { role: "user", text: textOf(message), tools: [] };
    case "assistant":
      return readAnswer(entry);
    case "toolResult": {
      const tools = [`${message.toolName} ${message.toolCallId}`];
      return { role: "tool", text: textOf(message) || "(no output)", tools };
    }
    case "bashExecution":
      if (message.excludeFromContext) return undefined;
      return { role: "tool", text: `$ ${message.command}`, tools: ["bash "] };
    default:
      return undefined;
  }
}

function readAnswer(entry: Line): Said | undefined {
  const { content, stopReason, model } = entry.message;
  const calls = content.filter(({ type }: Line) => type === "toolCall");
  const ending: Record<string, string> = {
    aborted: "[aborted]",
    length: "[cut off at the model's output limit]",
    ...(content.length > 0 && { error: "[failed: " }),
  };
  const text = [textOf(entry.message), ending[stopReason]].filter(Boolean).join("\n\n");
  if (text === "" && calls.length === 0) return undefined;
  const { promptTokens, completionTokens } = usageOf(entry);
  const tools = calls.map(({ name, id }: Line) => `${name} ${id}`);
  return { role: "assistant", text, tools, model, promptTokens, completionTokens };
}

/** The text of a message; an image is a placeholder that says what it is. */
function textOf(
  { content }: Line,
  isSaid = ({ type }: Line) => /^(text|image)$/.test(type),
): string {
  if (typeof content === "string") return content;
  const texts = content
    .filter(isSaid)
    .map((block: Line) => (block.type === "image" ? `[image: ${block.mimeType}` : block.text));
  return texts.filter((text: string) => text.trim() !== "").join("\n\n");
}
