/**
 * Fills a folder with the database of a server that has taken in many sessions:
 * `bun dashboard-data.ts DIR SESSIONS MESSAGES`. The same arguments give the same sessions. The first
 * is the largest, with 10,000 messages.
 */

import { rename } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "../../lib/server/database.ts";
import { createMessages } from "../../lib/server/messages.ts";
import { createSearchIndex } from "../../lib/server/search-index.ts";
import { createSessions } from "../../lib/server/sessions.ts";
import type { MessagePart, MessageSnapshot } from "../../lib/server/validate.ts";

const largest = 10_000;
const dayMs = 86_400_000;
const tools = ["bash", "read", "edit", "write", "grep", "find", "ls", "task", "web_search"];
const syllables = "ka con fi gu ra tion se pro me ta li no der ing re st ple mo ver al".split(" ");

const [dir = ".", sessionCount = "5000", messageCount = "200000"] = process.argv.slice(2);
await fill(dir, Number(sessionCount), Number(messageCount));

async function fill(dir: string, sessions: number, messages: number): Promise<void> {
  const making = join(dir, "making.db");
  const database = openDatabase(making);
  database.run("PRAGMA synchronous = OFF");
  const index = createSearchIndex(database);
  const stored = createSessions(database);
  const writer = createMessages(database, stored, index);
  const random = createRandom(1);
  const write = createWords(random);
  const storeSession = database.transaction((number: number, size: number) => {
    // Sessions arrive as files are found, not by their time.
    const startedAt = Date.UTC(2026, 10, 20) - ((number * 7919) % 1000) * dayMs * 0.7;
    const externalId = idOf(number);
    const fork = number % 20 === 1 && number > 1 ? `[Fork::${idOf(number - 1).slice(3, 11)}] ` : "";
    stored.upsert(
      {
        externalId,
        title: fork + write(60),
        projectPath: `/home/someone/projects/project-${Math.floor(random() ** 2 * 200)}`,
        projectName: "project",
        model: `model-${Math.floor(random() ** 2 * 12)}`,
        provider: "someone",
        source: number % 10 === 0 ? "claude-code" : "pi",
        promptTokens: Math.floor(random() * 1e6),
        completionTokens: Math.floor(random() * 1e5),
        cost: random() * 3,
        createdAt: startedAt,
      },
      startedAt,
    );
    for (let i = 0; i < size; i++) {
      writer.upsert(messageOf(externalId, i, startedAt + i * 20_000, write, random), startedAt);
    }
  });
  const rest = (messages - largest) / (sessions - 1);
  for (let number = 1; number <= sessions; number++) {
    storeSession(number, number === 1 ? largest : sizeOf(rest, random));
    if (index.isFull()) index.update();
  }
  index.update();
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  await rename(making, join(dir, "opensync.db"));
}

function idOf(number: number): string {
  const hex = (number * 2654435761 * 16).toString(16).padStart(16, "0").slice(-12);
  return `pi:${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${hex}`;
}

/** Most sessions are short; a few are long. */
function sizeOf(mean: number, random: () => number): number {
  return Math.max(1, Math.round(-Math.log(1 - random()) * mean));
}

function messageOf(
  session: string,
  number: number,
  createdAt: number,
  write: (chars: number) => string,
  random: () => number,
): MessageSnapshot {
  const base = { sessionExternalId: session, externalId: `${session}:${number}`, createdAt };
  const chars = Math.min(30_000, Math.exp(5.4 + 1.3 * gaussian(random)));
  const callId = `call-${number}`;
  const name = tools[Math.floor(random() ** 2 * tools.length)] ?? "bash";
  if (number % 10 === 0) return { ...base, role: "user", ...textOf(write(chars / 2)) };
  if (number % 2 === 1) {
    const call = { toolCallId: callId, name, args: { path: write(40), command: write(60) } };
    const { parts, textContent } = textOf(write(chars / 2));
    const called: MessagePart = { type: "tool-call", content: call };
    return { ...base, role: "assistant", textContent, parts: [...parts, called] };
  }
  const result = { toolCallId: callId, name, result: write(chars * 2), isError: false };
  return { ...base, role: "tool", parts: [{ type: "tool-result", content: result }] };
}

function textOf(text: string): { textContent: string; parts: MessagePart[] } {
  return { textContent: text, parts: [{ type: "text", content: text }] };
}

/**
 * Texts of words as often as in a language: the n-th word stands about 1/n as often as the first.
 * `common`, `middling` and `scarce` are known words; about one in 30 stands nowhere else.
 */
function createWords(random: () => number): (chars: number) => string {
  const words = Array.from({ length: 40_000 }, (_, n) => wordOf(n));
  [words[2], words[300], words[30_000]] = ["common", "middling", "scarce"];
  return (chars) => {
    let text = "";
    while (text.length < chars) {
      const word =
        random() < 0.03
          ? Math.floor(random() * 2 ** 40).toString(36)
          : words[Math.floor(words.length ** random()) - 1];
      text += `${word} `;
    }
    return text.trimEnd();
  };
}

function wordOf(n: number): string {
  let word = syllables[n % 20] ?? "";
  for (let rest = n + 7; rest > 0; rest = Math.floor(rest / 20)) word += syllables[rest % 20];
  return word;
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
