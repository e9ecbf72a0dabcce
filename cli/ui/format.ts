import { textWidth } from "./text-width.ts";
import { formatTime } from "../../lib/platform/local-time.ts";

/** A number with its thousands apart: 12,345. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** A number and its noun: 1 session, 2 sessions. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A time span as people say it: 45 s, 3 min 20 s, 2 h 5 min. */
export function formatSpan(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Rows below each other in columns; the cells of `rightAligned` columns end at the same place. */
export function formatTable(
  rows: readonly (readonly string[])[],
  rightAligned: readonly number[] = [],
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, textWidth(cell));
    }
  }
  const pad = (cell: string, column: number): string => {
    const space = " ".repeat((widths[column] ?? 0) - textWidth(cell));
    return rightAligned.includes(column) ? space + cell : cell + space;
  };
  return rows.map((row) => `  ${row.map(pad).join("  ")}`.trimEnd()).join("\n");
}

/** A text that came from a session or a server, without what could steer the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    " ",
  );
}

/** A text that takes so many columns at the most; "…" stands for what was cut off. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  // Made when it is needed: making one takes a millisecond.
  const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
  let fitted = "";
  for (const { segment } of graphemes.segment(text)) {
    if (textWidth(fitted + segment) > width - 1) break;
    fitted += segment;
  }
  return `${fitted.trimEnd()}…`;
}

/** A time where the person is, in 12 columns: Mar  1 14:05, and the day alone where it is half a year from `now`. */
export function formatShortTime(time: number, now: number): string {
  const full = formatTime(time);
  if (Math.abs(now - time) > halfYearMs) return full.slice(0, 10);
  const month = months[new Date(time).getMonth()] ?? "";
  return `${month} ${String(Number(full.slice(8, 10))).padStart(2)} ${full.slice(11)}`;
}

const halfYearMs = 182 * 86_400_000;
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A size as people say it: 900 B, 12 kB, 3.4 MB. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  const [value, unit] = bytes < 999_500_000 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
