import type { ItemPart } from "./pair-tools.ts";
import { toText } from "./read-tool.ts";

/** A message as markdown, to be pasted elsewhere. */
export function toMarkdown(parts: ItemPart[]): string {
  return parts.map(partToMarkdown).join("\n\n");
}

function partToMarkdown(part: ItemPart): string {
  switch (part.kind) {
    case "text":
    case "image":
      return part.text;
    case "thinking":
      return `> ${part.text.trim().replaceAll("\n", "\n> ")}`;
    case "mark":
      return `*${part.title}*\n\n${part.text}`.trim();
    case "tool-call": {
      const result = part.result === undefined ? "" : `\n\n${fence(part.result.result)}`;
      return `**${part.name}**\n\n${fence(toText(part.args), "json")}${result}`;
    }
    case "tool-result":
      return `**${part.name}**\n\n${fence(part.result)}`;
    default:
      return fence(toText(part.content), "json");
  }
}

/** A fence is longer than any within the text. */
function fence(text: string, language = ""): string {
  const runs = text.match(/`{3,}/g) ?? [];
  const ticks = "`".repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 2) + 1);
  return `${ticks}${language}\n${text.trimEnd()}\n${ticks}`;
}
