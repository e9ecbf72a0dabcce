/** Unix milliseconds of an ISO time or a number of milliseconds; undefined where it is neither. */
export function parseTime(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : value;
  return typeof time === "number" && Number.isFinite(time) ? Math.round(time) : undefined;
}

/** A pause longer than this is not work. */
const pauseMsMax = 30 * 60_000;

/** The working time between two entries, both in Unix milliseconds. */
export function workingTimeMs(from: number, to: number): number {
  const gap = to - from;
  return gap > 0 && gap <= pauseMsMax ? gap : 0;
}
