import type { MessageView, PartView } from "../../dashboard/api.ts";
import { asRecord, asString } from "../../session/value.ts";
import { formatMessageId, type StoredMessageRow } from "../messages.ts";
import { partText } from "../text.ts";
import type { MessagePart } from "../validate.ts";
import { presentTime } from "./session-list.ts";

/** A message as the page shows it; `index` is its number in the session. */
export function toMessageView(row: StoredMessageRow, index: number): MessageView {
  return {
    id: formatMessageId(row.id),
    index,
    role: row.role,
    createdAt: presentTime(row.createdAt),
    ...(row.model && { model: row.model }),
    ...(row.promptTokens !== null && { promptTokens: row.promptTokens }),
    ...(row.completionTokens !== null && { completionTokens: row.completionTokens }),
    parts: toPartViews(row),
  };
}

/** The parts of a message of any client; what is of no known shape is shown as it is. */
export function toPartViews({ role, parts, textContent }: Said): PartView[] {
  const views = parts.flatMap((part) => toViews(part, role));
  if (!textContent || isSaid(textContent, parts, views)) return views;
  return [...textViews(textContent, role), ...views];
}

type Said = Pick<StoredMessageRow, "role" | "parts" | "textContent">;

/** Whether the parts say what a message's text says, which is then a copy of them. */
function isSaid(text: string, parts: readonly MessagePart[], views: readonly PartView[]): boolean {
  return (
    parts.some((part) => part.type === "text" && partText(part.content) !== "") ||
    views.some((view) => view.kind === "tool-result" && view.result === text)
  );
}

function toViews({ type, content }: MessagePart, role: string): PartView[] {
  const fields = asRecord(content) ?? {};
  switch (type) {
    case "text":
      return content === "" ? [] : textViews(partText(content), role, { type, content });
    case "thinking":
    case "reasoning": {
      const text = partText(content) || asString(fields["thinking"]);
      return [text ? { kind: "thinking", text } : { kind: "other", type, content }];
    }
    case "tool-call":
      return [{ kind: "tool-call", ...toolOf(fields), args: argsOf(fields) }];
    case "tool-result":
      return [toolResult(content, fields)];
    case "image":
      // The image itself is never shown, and may be large.
      return [{ kind: "image", text: firstString(fields, ["mimeType", "mediaType"]) ?? "image" }];
    default:
      return [{ kind: "other", type, content }];
  }
}

function textViews(text: string, role: string, part?: MessagePart): PartView[] {
  if (text === "") return part ? [{ kind: "other", ...part }] : [];
  if (role === "system") return [toMark(text) ?? { kind: "text", text }];
  if (role === "assistant" && text.startsWith(thinkingHead)) {
    const lines = text.slice(thinkingHead.length).split("\n");
    return [{ kind: "thinking", text: lines.map((line) => line.replace(/^> ?/, "")).join("\n") }];
  }
  return role === "user" ? splitImages(text) : [{ kind: "text", text }];
}

/** How pi's client marks a model's thinking. */
const thinkingHead = "> **Thinking**\n>\n";

/** What pi's client says where a branch was left or what came before was summarised. */
function toMark(text: string): PartView | undefined {
  const [, title, rest] = /^\[([^\n]{1,400})\](?:\n\n([^]*))?$/.exec(text) ?? [];
  if (title === undefined) return undefined;
  const mark = /^compaction\b/.test(title)
    ? "compaction"
    : /^(?:went back to |summary of the branch left$)/.test(title)
      ? "branch"
      : undefined;
  return mark && { kind: "mark", mark, title, text: rest ?? "" };
}

/** Images of a prompt stand in its text, each as a paragraph of its own: `[image: image/png, 12 kB]`. */
function splitImages(text: string): PartView[] {
  const pieces = text.split(/(?:^|\n\n)\[image: ([^\]\n]{1,100})\](?=\n\n|$)/);
  return pieces
    .map((piece, i): PartView => {
      if (i % 2 === 1) return { kind: "image", text: piece };
      return { kind: "text", text: i === 0 ? piece : piece.replace(/^\n\n/, "") };
    })
    .filter((view) => view.kind !== "text" || view.text !== "");
}

function toolResult(content: unknown, fields: Fields): PartView {
  const result = ["result", "output", "content", "text"]
    .map((name) => fields[name])
    .find((value) => value !== undefined && value !== null);
  return {
    kind: "tool-result",
    ...toolOf(fields),
    result: toText(result ?? content),
    isError: fields["isError"] === true || fields["is_error"] === true,
  };
}

type Fields = Record<string, unknown>;

function toolOf(fields: Fields): { callId: string; name: string } {
  return {
    callId: firstString(fields, ["toolCallId", "callId", "tool_use_id", "id"]) ?? "",
    name: firstString(fields, ["name", "toolName"]) ?? "tool",
  };
}

function argsOf(fields: Fields): unknown {
  return fields["args"] ?? fields["arguments"] ?? fields["input"] ?? {};
}

function firstString(fields: Fields, names: readonly string[]): string | undefined {
  return names.map((name) => asString(fields[name])).find(Boolean);
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
