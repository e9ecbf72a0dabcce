/** Controls but tab and line feed, and the marks that turn the direction of text. */
const harmful =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Text that somebody else wrote, made harmless for a terminal: what could move the cursor, change
 * colours or hide text shows as `\u001b`, a carriage return as `\r`. Tabs and line feeds stay.
 */
export function toPrintable(text: string): string {
  return text.replace(harmful, (character) =>
    character === "\r"
      ? String.raw`\r`
      : `${String.raw`\u`}${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The text, cut at a border of characters where it has more than `lengthMax` UTF-16 units. */
export function cutLine(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax).replace(/[\ud800-\udbff]$/, "")}…`;
}
