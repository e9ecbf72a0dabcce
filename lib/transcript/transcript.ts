import type { MessagePut, SessionPut } from "../opensync/wire.ts";
import type { Entry } from "../session/entry.ts";
import { asArray, asRecord, asString } from "../session/value.ts";
import { entryKey } from "./entry-key.ts";
import { readContent, systemContent } from "./message.ts";
import type { Content, TranscriptOptions } from "./message.ts";
import { projectName } from "./session-head.ts";
import type { SessionHead } from "./session-head.ts";
import { parseTime, workingTimeMs } from "./time.ts";
import { createEntryTree } from "./tree.ts";
import { addSpending, noSpending, spendingOf } from "./usage.ts";
import type { Spending } from "./usage.ts";
import { weigh } from "./weight.ts";

/**
 * OpenSync can neither show nor delete a session of more than about 4,090 messages, or of more than
 * 16 MiB (contract, section 9), so a longer one continues in a further session.
 */
const partMessagesMax = 4000;
const partBytesMax = 12 * 1024 * 1024;

/** Names and ids that are longer are not remembered whole: a cursor has to stay small. */
const nameCharsMax = 300;

/** So many tool calls may wait for their results; a model asks for a few at a time. */
const openCallsMax = 256;

/** All that a transcript knows behind some entry; plain JSON. */
export interface TranscriptState {
  head: SessionHead;
  /** Entries so far. */
  entries: number;
  /** The id of the last entry. */
  leaf: string | null;
  /** When the last message was said, in Unix milliseconds; later ones are never older. */
  saidAt: number;
  /** The time of the last entry. */
  activeAt: number;
  /** Tools that were called and have not answered, by call id. */
  calls: Record<string, string>;
  model?: string;
  provider?: string;
  part: PartState;
}

/** One session in OpenSync: all of pi's, or a numbered piece of a very long one. */
interface PartState {
  number: number;
  messages: number;
  bytes: number;
  createdAt: number;
  spending: Spending;
  durationMs: number;
}

/** What an entry adds. */
export interface TranscriptStep {
  /** Set where the entry opens a follow-up session: how the session before it ended. */
  completed?: SessionPut;
  /** To be sent, in this order, to the session that `session()` describes. */
  messages: MessagePut[];
}

/** Turns the entries of one session, in the order of the file, into what OpenSync is sent. */
export interface Transcript {
  push(entry: Entry): TranscriptStep;
  /** The session as it stands behind the last entry, but for its title. */
  session(): SessionPut;
  state(): TranscriptState;
  /** The number of the session that messages go to now, from 1. */
  readonly part: number;
}

/** The state before the first entry. */
export function initialState(head: SessionHead): TranscriptState {
  const createdAt = head.createdAt ?? 0;
  const part = { number: 1, messages: 0, bytes: 0, createdAt, spending: noSpending, durationMs: 0 };
  return { head, entries: 0, leaf: null, saidAt: 0, activeAt: 0, calls: {}, part };
}

/**
 * Starts a transcript, or goes on with one behind the entry where `state` was taken.
 *
 * `push` throws `HistoryNeeded` where a resumed transcript meets a jump to an entry that it has not
 * seen; start again with the first entry then.
 */
export function createTranscript(state: TranscriptState, options: TranscriptOptions): Transcript {
  const now: TranscriptState = { ...state, part: { ...state.part } };
  const calls = new Map(Object.entries(state.calls));
  const tree = createEntryTree(now.leaf, now.entries === 0);

  const toMessage = (content: Content, id: string, createdAt: number): MessagePut => ({
    sessionExternalId: partId(now.head, now.part.number),
    externalId: `${now.head.externalId}:${id}`,
    source: "pi",
    createdAt,
    ...content,
  });

  return {
    push(entry) {
      const marker = tree.add(entry);
      const key = entryKey(entry, now.entries);
      const time = parseTime(entry.timestamp) ?? parseTime(messageOf(entry)?.["timestamp"]);
      advanceClock(now, time);
      const weight = weigh(entry);
      const count = Number(marker !== undefined) + Number(weight > 0);
      const completed = makeRoom(now, count, weight);
      spend(now, entry, time);
      now.entries += 1;
      now.leaf = tree.leaf;

      const messages: MessagePut[] = [];
      const jump = marker === undefined ? undefined : systemContent(marker);
      if (jump) messages.push(toMessage(jump, `${key}:jump`, now.saidAt));
      const content = readContent(entry, options, (id) => calls.get(id ?? "") ?? "tool");
      if (content) {
        messages.push({ ...toMessage(content, key, now.saidAt), ...answerFacts(entry) });
      }
      noteAnswerer(now, entry);
      noteCalls(calls, entry);
      return completed ? { completed, messages } : { messages };
    },
    get part() {
      return now.part.number;
    },
    session: () => describeSession(now),
    state: () => ({ ...now, part: { ...now.part }, calls: Object.fromEntries(calls) }),
  };
}

function describeSession(now: TranscriptState): SessionPut {
  const { head, part, model, provider } = now;
  return {
    externalId: partId(head, part.number),
    source: "pi",
    createdAt: part.createdAt,
    ...(head.cwd && { projectPath: head.cwd, projectName: projectName(head.cwd) }),
    ...(model && { model }),
    ...(provider && { provider }),
    ...part.spending,
    durationMs: part.durationMs,
  };
}

/** OpenSync's id of part `number` of a session. */
export function partId(head: SessionHead, number: number): string {
  return number === 1 ? head.externalId : `${head.externalId}:part-${number}`;
}

function messageOf(entry: Entry): Record<string, unknown> | undefined {
  return asRecord(entry["message"]);
}

/**
 * OpenSync shows messages by their time, so a message is never older than the one before it in the
 * file, as it would be after the clock was set back.
 */
function advanceClock(now: TranscriptState, time: number | undefined): void {
  now.saidAt = Math.max(now.saidAt, time ?? 0);
  if (now.part.createdAt === 0) now.part.createdAt = now.saidAt;
}

/**
 * Opens a follow-up session where the entry's messages might not fit into the current one, and gives
 * the state in which that one ended.
 */
function makeRoom(now: TranscriptState, count: number, bytes: number): SessionPut | undefined {
  const { part } = now;
  const isFull =
    part.messages > 0 &&
    (part.messages + count > partMessagesMax || part.bytes + bytes > partBytesMax);
  if (!isFull) {
    part.messages += count;
    part.bytes += bytes;
    return undefined;
  }
  const completed = describeSession(now);
  now.part = {
    number: part.number + 1,
    messages: count,
    bytes,
    createdAt: now.saidAt,
    spending: noSpending,
    durationMs: 0,
  };
  return completed;
}

/** Tokens, cost and working time; a fork's copies of its parent's history were spent there. */
function spend(now: TranscriptState, entry: Entry, time: number | undefined): void {
  const isCopy = now.head.ownSince !== undefined && (time ?? now.saidAt) < now.head.ownSince;
  if (!isCopy) {
    const spending = spendingOf(entry);
    if (spending) now.part.spending = addSpending(now.part.spending, spending);
    if (time !== undefined && now.activeAt > 0) {
      now.part.durationMs += workingTimeMs(Math.max(now.activeAt, now.head.ownSince ?? 0), time);
    }
  }
  if (time !== undefined) now.activeAt = Math.max(now.activeAt, time);
}

/** Model and tokens of an answer. */
function answerFacts(entry: Entry): Partial<MessagePut> {
  const message = messageOf(entry);
  if (message?.["role"] !== "assistant") return {};
  const { promptTokens, completionTokens } = spendingOf(entry) ?? noSpending;
  const model = asString(message["model"]);
  return { ...(model && { model }), promptTokens, completionTokens };
}

/** Remembers which model of which provider answered last. */
function noteAnswerer(now: TranscriptState, entry: Entry): void {
  const message = messageOf(entry);
  if (message?.["role"] !== "assistant") return;
  const model = asString(message["model"]);
  const provider = asString(message["provider"]);
  if (model) now.model = model.slice(0, nameCharsMax);
  if (provider) now.provider = provider.slice(0, nameCharsMax);
}

/** Remembers which tools were called and wait for their results. */
function noteCalls(calls: Map<string, string>, entry: Entry): void {
  const message = messageOf(entry);
  if (message?.["role"] === "toolResult") calls.delete(asString(message["toolCallId"]) ?? "");
  if (message?.["role"] !== "assistant") return;
  if (calls.size > openCallsMax) calls.clear();
  for (const block of asArray(message["content"])) {
    const call = asRecord(block);
    const id = asString(call?.["id"]);
    if (call?.["type"] !== "toolCall" || !id || id.length > nameCharsMax) continue;
    calls.set(id, (asString(call["name"]) ?? "tool").slice(0, nameCharsMax));
  }
}
