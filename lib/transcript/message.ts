import type { Part, Role } from "../opensync/wire.ts";
import type { Entry } from "../session/entry.ts";
import { asArray, asNumber, asRecord, asString } from "../session/value.ts";
import { walkable } from "./storable.ts";
import { blockText, contentText, isFilled, withoutEscapes } from "./text.ts";

/** What of a session is sent. */
export interface TranscriptOptions {
  /** Tool calls, tool results and `!` commands. */
  toolCalls: boolean;
  /** The model's thinking. */
  thinking: boolean;
}

/** What an entry says, before it has an id, a time and a place. */
export interface Content {
  role: Role;
  textContent?: string;
  parts: Part[];
}

/** Finds the name of the tool that a call id belongs to. */
export type ToolNames = (callId: string | undefined) => string;

/**
 * The message that an entry stands for in OpenSync, or undefined where it stands for none: pi's own
 * bookkeeping, what pi keeps from the model (`!!`) or from the screen, entries of unknown types,
 * and what `options` leave out.
 */
export function readContent(
  entry: Entry,
  options: TranscriptOptions,
  toolName: ToolNames,
): Content | undefined {
  switch (entry.type) {
    case "message":
      return readMessage(asRecord(entry["message"]) ?? {}, options, toolName);
    case "compaction":
      return compaction(entry);
    case "branch_summary":
      return branchSummary(entry);
    case "custom_message":
      return customMessage(entry);
    default:
      return undefined;
  }
}

/** A message in pi's own system voice, such as the marker of a jump. */
export function systemContent(text: string): Content | undefined {
  return textMessage("system", text);
}

type Message = Record<string, unknown>;

function readMessage(
  message: Message,
  options: TranscriptOptions,
  toolName: ToolNames,
): Content | undefined {
  switch (message["role"]) {
    case "user":
      return textMessage("user", contentText(message["content"]));
    case "assistant":
      return answer(message, options);
    case "toolResult":
      return options.toolCalls ? toolResult(message, toolName) : undefined;
    case "bashExecution":
      return options.toolCalls ? shellCommand(message) : undefined;
    case "compactionSummary":
      return compaction(message);
    case "branchSummary":
      return branchSummary(message);
    case "custom":
    case "hookMessage":
      return customMessage(message);
    default:
      return undefined;
  }
}

function textMessage(role: Role, text: string): Content | undefined {
  if (!isFilled(text)) return undefined;
  return { role, textContent: text, parts: [{ type: "text", content: text }] };
}

function answer(message: Message, options: TranscriptOptions): Content | undefined {
  const { content } = message;
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : asArray(content);
  const parts = blocks
    .map((block) => answerPart(block, options))
    .filter((part) => part !== undefined);
  const texts = blocks.map(blockText).filter(isFilled);
  const ending = endingOf(message, blocks.length > 0);
  if (ending !== undefined) {
    parts.push({ type: "text", content: ending });
    texts.push(ending);
  }
  if (parts.length === 0) return undefined;
  const said: Content = { role: "assistant", parts };
  if (texts.length > 0) said.textContent = texts.join("\n\n");
  return said;
}

function answerPart(block: unknown, options: TranscriptOptions): Part | undefined {
  const fields = asRecord(block) ?? {};
  if (fields["type"] === "toolCall") {
    return options.toolCalls ? { type: "tool-call", content: toolCall(fields) } : undefined;
  }
  const text =
    fields["type"] === "thinking" && options.thinking
      ? quoteThinking(asString(fields["thinking"]) ?? "")
      : blockText(block);
  return isFilled(text) ? { type: "text", content: text } : undefined;
}

function toolCall(call: Message): Record<string, unknown> {
  return {
    toolCallId: asString(call["id"]) ?? "",
    name: asString(call["name"]) || "tool",
    args: walkable(call["arguments"] ?? {}),
  };
}

/** No page of OpenSync shows parts of type thinking, so it is text that can be told apart. */
function quoteThinking(thinking: string): string {
  if (!isFilled(thinking)) return "";
  return `> **Thinking**\n>\n> ${thinking.trim().replaceAll("\n", "\n> ")}`;
}

/** How an answer ended, where it did not end by itself. A failed try without content is no message. */
function endingOf(message: Message, hasContent: boolean): string | undefined {
  const error = asString(message["errorMessage"]);
  switch (message["stopReason"]) {
    case "aborted":
      return "[aborted]";
    case "error":
      return hasContent ? `[failed: ${error ?? "unknown error"}]` : undefined;
    case "length":
      return "[cut off at the model's output limit]";
    default:
      return undefined;
  }
}

function toolResult(message: Message, toolName: ToolNames): Content {
  const callId = asString(message["toolCallId"]);
  const text = contentText(message["content"]);
  return toolOutput({
    toolCallId: callId ?? "",
    name: asString(message["toolName"]) || toolName(callId),
    result: isFilled(text) ? text : "(no output)",
    isError: message["isError"] === true,
  });
}

/** A command that the person ran with `!`. `!!` keeps it from the model, and so from OpenSync. */
function shellCommand(message: Message): Content | undefined {
  if (message["excludeFromContext"] === true) return undefined;
  const exitCode = asNumber(message["exitCode"]);
  const lines = [
    `$ ${asString(message["command"]) ?? ""}`,
    withoutEscapes(asString(message["output"]) ?? "").replace(/\n$/, ""),
    message["cancelled"] === true ? "[cancelled]" : "",
    exitCode === undefined || exitCode === 0 ? "" : `[exit code ${exitCode}]`,
    message["truncated"] === true ? "[output truncated]" : "",
  ];
  const isError = message["cancelled"] === true || (exitCode ?? 0) !== 0;
  return toolOutput({
    toolCallId: "",
    name: "bash",
    result: lines.filter(isFilled).join("\n"),
    isError,
  });
}

/** OpenSync's pages take the first of `result` and `output` that is not empty. */
interface ToolOutput {
  toolCallId: string;
  name: string;
  result: string;
  isError: boolean;
}

function toolOutput(output: ToolOutput): Content {
  return {
    role: "tool",
    textContent: output.result,
    parts: [{ type: "tool-result", content: output }],
  };
}

function compaction(fields: Message): Content | undefined {
  const tokens = asNumber(fields["tokensBefore"]);
  const size = tokens === undefined ? "" : ` of ${tokens} tokens`;
  return textMessage("system", `[compaction${size}]\n\n${asString(fields["summary"]) ?? ""}`);
}

function branchSummary(fields: Message): Content | undefined {
  return textMessage(
    "system",
    `[summary of the branch left]\n\n${asString(fields["summary"]) ?? ""}`,
  );
}

function customMessage(fields: Message): Content | undefined {
  if (fields["display"] !== true) return undefined;
  const text = contentText(fields["content"]);
  return isFilled(text)
    ? textMessage("system", `[${asString(fields["customType"]) ?? "extension"}] ${text}`)
    : undefined;
}
