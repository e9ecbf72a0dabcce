import { cutNote } from "../session/cut.ts";

/**
 * The text, cut on a character border where it has more than `bytesMax` bytes in UTF-8, with a note
 * of how many bytes are missing. The result is within the limit, note included.
 */
export function cutText(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  const room = Math.max(0, bytesMax - cutNote(bytes.length).length - 2);
  const kept = bytes.subarray(0, characterBorder(bytes, room));
  return kept.toString() + cutNote(bytes.length - kept.length);
}

/** The greatest border of a character at or before `at`. */
function characterBorder(bytes: Uint8Array, at: number): number {
  let border = at;
  while (border > 0 && ((bytes[border] ?? 0) & 0xc0) === 0x80) border -= 1;
  return border;
}
