/** Numbers and times as the page writes them: in English, like the rest of it. */

const locale = "en-GB";
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const dayOfAnyYear = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const longDay = new Intl.DateTimeFormat(locale, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });

/** `12,345`. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** `12.3K`, for where there is little room. */
export function formatShort(count: number): string {
  return count < 1000 ? whole.format(count) : short.format(count);
}

/** `1 message`, `12 messages`. */
export function formatNumberOf(count: number, noun: string): string {
  return `${whole.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** US dollars: `$1,234`, `$12.34`, `$0.0042`, and `–` for nothing. */
export function formatCost(cost: number): string {
  if (cost === 0) return "–";
  if (cost < 0.01) return `$${cost.toPrecision(2)}`;
  if (cost >= 1000) return `$${whole.format(cost)}`;
  return `$${cost.toFixed(2)}`;
}

/** Dollars on a scale, where round numbers stand: `$200`, `$0.5`. */
export function formatScaleCost(cost: number): string {
  return `$${short.format(cost)}`;
}

/** `14:02` today, `3 Nov, 14:02` this year, `3 Nov 2025` before. */
export function formatTime(time: number, now: number): string {
  const date = new Date(time);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return clock.format(date);
  if (date.getFullYear() !== today.getFullYear()) return dayOfAnyYear.format(date);
  return `${dayOfYear.format(date)}, ${clock.format(date)}`;
}

/** `14:02`. */
export function formatClock(time: number): string {
  return clock.format(time);
}

/** `Tuesday, 3 November 2026`. */
export function formatLongDay(time: number): string {
  return longDay.format(time);
}

/** Day, time and second. */
export function formatExact(time: number): string {
  return exact.format(time);
}

/** The short name of a path: its last folder. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}
