import { asRecord } from "../session/value.ts";
import { storedBytes } from "./storable.ts";
import type { Entry } from "../session/entry.ts";

/** No message is larger than this when it is sent (`fitMessage`). */
const messageBytesMax = 4 * 1024 * 1024;

const spokenTypes = new Set(["compaction", "branch_summary", "custom_message"]);

/**
 * About how many bytes the message of an entry takes in OpenSync at the most: all of its strings but
 * images, text twice, since it stands in the text and in the parts. 0 for entries that are never
 * messages. It does not depend on any option, so that a session is divided the same way whatever is
 * left out or redacted.
 */
export function weigh(entry: Entry): number {
  const message = asRecord(entry["message"]);
  const isSaid = message ? message["role"] !== "system" : spokenTypes.has(entry.type);
  if (!isSaid) return 0;
  const said = [
    message?.["content"] ?? entry["content"],
    message?.["output"],
    message?.["summary"] ?? entry["summary"],
  ];
  return Math.min(messageBytesMax, 200 + 2 * said.reduce<number>((sum, v) => sum + bytesOf(v), 0));
}

/** Images are sent as a placeholder. */
function bytesOf(value: unknown, depth = 0): number {
  return asRecord(value)?.["type"] === "image"
    ? 100
    : Array.isArray(value)
      ? value.reduce<number>((sum, item) => sum + (depth < 2 ? bytesOf(item, depth + 1) : 0), 0)
      : storedBytes(value);
}
