import type { MessagePart } from "./validate.ts";

/** Characters of a message that are indexed; the rest is stored but not found by search. */
const indexedCharsMax = 32_768;

/** What a message says in words: its text parts, or `textContent` when they say nothing. */
export function messageText(parts: readonly MessagePart[], textContent: string | null): string {
  const texts = parts.filter((part) => part.type === "text").map((part) => partText(part.content));
  return texts.filter(Boolean).join("\n") || (textContent ?? "");
}

/** What a message is found by: what it says, then its other parts' strings, up to a limit. */
export function searchText(parts: readonly MessagePart[], textContent: string | null): string {
  const texts = [messageText(parts, textContent)];
  let left = indexedCharsMax - (texts[0]?.length ?? 0);
  const collect = (value: unknown): void => {
    if (left <= 0) return;
    if (typeof value === "string") {
      texts.push(value);
      left -= value.length + 1;
    } else if (typeof value === "object" && value !== null) {
      for (const item of Object.values(value)) collect(item);
    }
  };
  for (const part of parts) if (part.type !== "text") collect(part.content);
  return texts.join("\n").slice(0, indexedCharsMax);
}

/** The text of a part's content: a string, or its `text` or `content` field. */
export function partText(content: unknown): string {
  if (typeof content === "string") return content;
  const { text, content: inner } = (content ?? {}) as { text?: unknown; content?: unknown };
  if (typeof text === "string" && text) return text;
  return typeof inner === "string" ? inner : "";
}
