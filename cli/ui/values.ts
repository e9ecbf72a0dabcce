import { AppError } from "../../lib/errors.ts";

const unitsMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

/**
 * The time that a `--since` or `--until` names, in Unix milliseconds: a date, a date with a time,
 * or so long ago: `30m`, `12h`, `7d`, `2w`.
 *
 * @throws AppError "usage"
 */
export function parseTimeFlag(flag: string, text: string, now: number): number {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text);
  if (ago) return now - Number(ago[1]) * unitsMs[ago[2] as keyof typeof unitsMs];
  const isDate = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(
    text,
  );
  // A date alone means the whole day where the person is.
  const time = Date.parse(text.length > 10 ? text : `${text}T00:00`);
  const isThatDay = text.length > 10 || new Date(time).getDate() === Number(text.slice(8, 10));
  if (isDate && isThatDay && Number.isFinite(time)) return time;
  throw new AppError("usage", `${flag} is no time: '${text}'`, {
    hint: "Give a date such as 2026-03-01, or a time ago such as 12h, 7d or 2w.",
  });
}

/**
 * The items of a flag that takes several, with commas between them; none where it is not given. A
 * `--project "$A,$B"` whose variables are empty must not mean all projects.
 *
 * @throws AppError "usage" where it is given, and holds none
 */
export function parseListFlag(flag: string, text: string | undefined): string[] {
  if (text === undefined) return [];
  const items = text.split(",").map((item) => item.trim());
  const given = items.filter((item) => item !== "");
  if (given.length === 0) throw new AppError("usage", `${flag} names nothing: '${text}'`);
  return given;
}

/** A whole number of 1 or more. @throws AppError "usage" */
export function parseCountFlag(flag: string, text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1) return count;
  throw new AppError("usage", `${flag} is not a whole number of 1 or more: '${text}'`);
}

/** A port; 0 asks for a free one. @throws AppError "usage" */
export function parsePortFlag(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new AppError("usage", `${flag} is not a number from 0 to 65535: '${text}'`);
}
