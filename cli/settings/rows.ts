import { textWidth } from "../ui/text-width.ts";
import { wrapWords } from "../ui/wrap.ts";

/** A row of mark, path and text; the path has spaces behind it, that texts stand under each other. */
const row = /^(?<mark>[^\w\s]) (?<path>\S.*?) {2,}(?<text>\S.*)$/u;

/** A line in so many columns at the most. Of a row that is too long, the text stands below the path. */
export function fitRow(line: string, columns: number): string {
  if (textWidth(line) <= columns) return line;
  const { mark, path, text } = row.exec(line)?.groups ?? {};
  if (mark === undefined || path === undefined || text === undefined) {
    return wrapWords(line, columns);
  }
  const short = `${mark} ${path}  ${text}`;
  if (textWidth(short) <= columns) return short;
  const below = [...wrapIndented(path, columns, 2), ...wrapIndented(text, columns, 4)].join("\n");
  return mark + below.slice(1);
}

function wrapIndented(text: string, columns: number, by: number): string[] {
  const indentation = " ".repeat(by);
  return wrapWords(text, columns - by)
    .split("\n")
    .map((line) => indentation + line);
}
