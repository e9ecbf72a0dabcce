import type { MessagePut, Part, SessionPut } from "../opensync/wire.ts";
import { cutText } from "./cut-text.ts";
import { storedBytes, storableJson } from "./storable.ts";

/** A Convex document holds 1 MiB; one string, less than that (contract, section 9). */
const textBytesMax = 900 * 1024;
/** All parts of a message together, so that a request stays under 4 MiB. */
const partsBytesMax = 3 * 1024 * 1024;
/** Far from Convex's 8,192, and more than a person reads. */
const partsMax = 2000;
const nameCharsMax = 200;

/**
 * The message as OpenSync can store and show it: nothing in it is of a kind or size that the server
 * refuses or that breaks its pages. What is too large is cut, with a note of how much.
 */
export function fitMessage(put: MessagePut): MessagePut {
  const fitted: MessagePut = { ...put };
  if (put.textContent !== undefined) fitted.textContent = fitText(put.textContent, textBytesMax);
  if (put.model !== undefined) fitted.model = fitName(put.model);
  if (put.parts) fitted.parts = fitParts(put.parts);
  return fitted;
}

/** The session as OpenSync can store and show it. */
export function fitSession(put: SessionPut): SessionPut {
  const fitted: SessionPut = { ...put };
  if (put.title !== undefined) fitted.title = fitText(put.title, 1000);
  if (put.projectPath !== undefined) fitted.projectPath = fitText(put.projectPath, 4000);
  if (put.projectName !== undefined) fitted.projectName = fitText(put.projectName, 1000);
  if (put.model !== undefined) fitted.model = fitName(put.model);
  if (put.provider !== undefined) fitted.provider = fitName(put.provider);
  return fitted;
}

/**
 * A name that may stand as the name of a field: OpenSync counts usage by model that way, and its
 * statistics fail for good on a name with `$` first or with characters beyond ASCII.
 */
function fitName(name: string): string {
  const plain = name
    .replaceAll(/[^\x20-\x7e]/g, "?")
    .replace(/^\$+/, "")
    .trim();
  return plain.slice(0, nameCharsMax) || "unknown";
}

function fitText(text: string, bytesMax: number): string {
  return cutText(text.toWellFormed(), bytesMax);
}

function fitParts(parts: Part[]): Part[] {
  const fitted: Part[] = [];
  let bytesLeft = partsBytesMax;
  for (const part of parts.slice(0, partsMax)) {
    const content = fitContent(part.content, Math.min(textBytesMax, bytesLeft));
    fitted.push({ type: part.type, content });
    bytesLeft -= storedBytes(content);
    if (bytesLeft <= 0) break;
  }
  const left = parts.length - fitted.length;
  if (left > 0) fitted.push({ type: "text", content: `[${left} more parts left out]` });
  return fitted;
}

function fitContent(content: unknown, bytesMax: number): unknown {
  if (typeof content === "string") return fitText(content, bytesMax);
  return storableJson(content, bytesMax);
}
