import type { PartView, SessionSummary } from "../../dashboard/api.ts";
import { exportFileName } from "../export.ts";
import { presentMessage, type StoredMessageRow } from "../messages.ts";
import { presentSession, type SessionRow } from "../sessions.ts";
import { privateHeaders, Refusal } from "./answer.ts";
import { toPartViews } from "./parts.ts";

/**
 * A session as a file, with all that is in it: unlike the API's export, which gives language models
 * what was said, without tools.
 *
 * @throws Refusal 400 for an unknown format
 */
export function exportSession(
  format: string | null,
  session: SessionRow,
  summary: SessionSummary,
  messages: readonly StoredMessageRow[],
): Response {
  switch (format) {
    case "markdown":
      return toFile(toDocument(summary, messages), "text/markdown", exportFileName(session, "md"));
    case "json": {
      const all = { session: presentSession(session), messages: messages.map(presentMessage) };
      const text = `${JSON.stringify(all, null, 2)}\n`;
      return toFile(text, "application/json", exportFileName(session, "json"));
    }
    case "jsonl": {
      const lines = messages.map((message) => `${JSON.stringify(presentMessage(message))}\n`);
      return toFile(lines.join(""), "application/jsonl", exportFileName(session, "jsonl"));
    }
    default:
      throw new Refusal(400, "'format' must be markdown, json or jsonl.");
  }
}

function toFile(content: string, type: string, name: string): Response {
  return new Response(content, {
    headers: {
      ...privateHeaders,
      "Content-Type": `${type}; charset=utf-8`,
      "Content-Disposition": `attachment; filename="${name}"`,
    },
  });
}

function toDocument(session: SessionSummary, messages: readonly StoredMessageRow[]): string {
  const facts = [
    ["Project", session.projectPath || session.projectName],
    ["Model", session.model],
    ["Began", new Date(session.createdAt).toISOString()],
    ["Tokens", String(session.promptTokens + session.completionTokens)],
    ["Cost", `$${session.cost.toFixed(4)}`],
  ].filter(([, value]) => value);
  const blocks = [
    `# ${session.title.replaceAll(/\s+/g, " ")}`,
    facts.map(([name, value]) => `- **${name}:** ${value}`).join("\n"),
    "---",
    ...messages.flatMap((message) => [
      `## ${message.role.charAt(0).toUpperCase()}${message.role.slice(1)}`,
      ...toPartViews(message).map(toBlock),
    ]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function toBlock(part: PartView): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "thinking":
      return `> **Thinking**\n>\n> ${part.text.replaceAll("\n", "\n> ")}`;
    case "tool-call":
      return `**Tool: ${part.name}**\n\n${fence(toJson(part.args), "json")}`;
    case "tool-result":
      return `**${part.isError ? "Error" : "Result"}: ${part.name}**\n\n${fence(part.result, "")}`;
    case "mark":
      return part.text ? `*${part.title}*\n\n${part.text}` : `*${part.title}*`;
    case "image":
      return `*[image: ${part.text}]*`;
    default:
      return `**${part.type}**\n\n${fence(toJson(part.content), "json")}`;
  }
}

function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** A block of code, fenced by more backticks than stand in it. */
function fence(text: string, language: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`{3,}/g), ([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}
