import type { MessageView, PartView } from "../api.ts";

export type ToolCall = Extract<PartView, { kind: "tool-call" }>;
export type ToolResult = Extract<PartView, { kind: "tool-result" }>;

/** A part as it is drawn: a call has its result with it. */
export type ItemPart =
  | Exclude<PartView, ToolCall>
  | (ToolCall & { result?: ToolResult & { messageId: string } });

/** A message as it is drawn. */
export interface Item {
  message: MessageView;
  parts: ItemPart[];
  /** Where all its parts are results: the number of the message whose calls show them. */
  shownIn?: number;
  /** Role and model are the same as before, on the same day: there is no need to say them again. */
  isContinued: boolean;
  isFirstOfDay: boolean;
}

/** How far apart a call and its result may be, in messages, to be paired across two pages. */
export const pairDistanceMax = 16;

/**
 * The messages of the page from `first` to `end` (excluded). `messages` holds the
 * `pairDistanceMax` messages before and behind the page as well: both pages come to the same
 * verdict about a pair.
 */
export function toItems(messages: MessageView[], first: number, end: number): Item[] {
  const pairs = findPairs(messages, first, end);
  const items: Item[] = [];
  let before: MessageView | undefined;
  for (const message of messages) {
    const item = toItem(message, before, pairs);
    if (item.shownIn === undefined) before = message;
    if (message.index >= first && message.index < end) items.push(item);
  }
  return items;
}

interface Pairs {
  results: Map<ToolCall, ToolResult & { messageId: string }>;
  /** The number of the message with the call, by the result. */
  callers: Map<ToolResult, number>;
}

function findPairs(messages: MessageView[], first: number, end: number): Pairs {
  const pairs: Pairs = { results: new Map(), callers: new Map() };
  const open = new Map<string, { call: ToolCall; index: number }>();
  const isInPage = (index: number): boolean => index >= first && index < end;
  for (const { id, index, parts } of messages) {
    for (const part of parts) {
      if (part.kind === "tool-call" && part.callId !== "") {
        open.set(part.callId, { call: part, index });
      }
      if (part.kind !== "tool-result") continue;
      const caller = open.get(part.callId);
      if (caller === undefined) continue;
      const isNear = index - caller.index <= pairDistanceMax;
      if (!isNear && !(isInPage(index) && isInPage(caller.index))) continue;
      open.delete(part.callId);
      pairs.results.set(caller.call, { ...part, messageId: id });
      pairs.callers.set(part, caller.index);
    }
  }
  return pairs;
}

function toItem(message: MessageView, before: MessageView | undefined, pairs: Pairs): Item {
  const parts: ItemPart[] = [];
  let shownIn: number | undefined;
  for (const part of message.parts) {
    if (part.kind === "tool-result" && pairs.callers.has(part)) {
      shownIn ??= pairs.callers.get(part);
    } else if (part.kind === "tool-call") {
      const result = pairs.results.get(part);
      parts.push(result === undefined ? part : { ...part, result });
    } else {
      parts.push(part);
    }
  }
  const isFirstOfDay = !isSameDay(message, before);
  return {
    message,
    parts,
    isFirstOfDay,
    isContinued: !isFirstOfDay && before?.role === message.role && before.model === message.model,
    ...(parts.length === 0 && shownIn !== undefined ? { shownIn } : {}),
  };
}

function isSameDay(message: MessageView, before: MessageView | undefined): boolean {
  if (before === undefined) return message.index > 0;
  return new Date(message.createdAt).toDateString() === new Date(before.createdAt).toDateString();
}
