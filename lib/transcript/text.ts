import { cutBytes } from "../session/cut.ts";
import { asArray, asRecord, asString } from "../session/value.ts";

/** Longer words are left out of an excerpt: they say little, and half of one could be a secret. */
const excerptWordMax = 40;

/** The text of a message's content as it stands in OpenSync; images become placeholders. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return withoutEscapes(content);
  return asArray(content).map(blockText).filter(isFilled).join("\n\n");
}

/** The text of one block: text as it is, an image as a placeholder, anything else as nothing. */
export function blockText(block: unknown): string {
  const { type, text, data, mimeType } = asRecord(block) ?? {};
  if (type === "text") return withoutEscapes(asString(text) ?? "");
  if (type === "image") return imagePlaceholder(asString(mimeType), asString(data) ?? "");
  return "";
}

/** Whether a text has anything to read. */
export function isFilled(text: string): boolean {
  return text.trim() !== "";
}

/**
 * A text without colours, links and cursor movements, which no page shows and which can stand in the
 * middle of a secret and hide it: `grep --color` puts them there.
 */
export function withoutEscapes(text: string): string {
  if (!text.includes("\u001b")) return text;
  return text.replaceAll(
    /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g,
    "",
  );
}

/** A text without all that steers a terminal: escapes, bells, backspaces. */
export function withoutControls(text: string): string {
  return withoutEscapes(text).replaceAll(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/g, "");
}

/** A text on one line, cut behind a whole word where it is longer than `max` characters. */
export function oneLine(text: string, max: number): string {
  const line = withoutControls(text).replaceAll(/\s+/g, " ").trim();
  if (line.length <= max) return line;
  const space = line.lastIndexOf(" ", max);
  const cut = space > max / 2 ? line.slice(0, space) : line.slice(0, max);
  return `${cut.toWellFormed().replace(/\uFFFD$/, "")}…`;
}

/** The first words of a text. No word of it is cut in two. */
export function excerpt(text: string, max: number): string {
  let line = "";
  const start = text.trimStart().slice(0, max * 20);
  for (const { 0: word, index } of start.matchAll(/\S+/g)) {
    const isCut = index + word.length === max * 20;
    const shown = isCut || word.length > excerptWordMax ? "…" : word;
    if (line.length + shown.length > max) return `${line}…`;
    line += line === "" ? shown : ` ${shown}`;
  }
  return line;
}

function imagePlaceholder(mimeType: string | undefined, base64: string): string {
  const bytes = Math.floor(((base64.length + cutBytes(base64)) * 3) / 4);
  return `[image: ${mimeType ?? "unknown type"}, ${formatBytes(bytes)}]`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
