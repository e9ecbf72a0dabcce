import type { Overview } from "../api.ts";
import type { OverviewState } from "../route.ts";

/** What was used in a day, a week or a month. */
export interface Period {
  /** Its first day: `2026-11-21`. */
  day: string;
  /** `21 Nov 2026`, `Week of 16 Nov 2026`, `Nov 2026`. */
  name: string;
  sessions: number;
  promptTokens: number;
  completionTokens: number;
  cost: number;
}

const dayName = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const weekName = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const monthName = new Intl.DateTimeFormat("en-GB", {
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

/** Days as days, weeks from Monday on, or months. A session counts on each of its days. */
export function toPeriods(days: Overview["days"], unit: OverviewState["unit"]): Period[] {
  const periods: Period[] = [];
  for (const day of days) {
    const first = firstDay(day.day, unit);
    const last = periods.at(-1);
    if (last?.day === first) add(last, day);
    else periods.push({ ...day, day: first, name: nameOf(first, unit) });
  }
  return periods;
}

/** What a period has of something. */
export function valueOf(
  usage: Omit<Period, "day" | "name">,
  metric: OverviewState["metric"],
): number {
  if (metric === "tokens") return usage.promptTokens + usage.completionTokens;
  return usage[metric];
}

/** The top of a scale on which `max` fits: 1, 2 or 5 and zeros. */
export function scaleTop(max: number): number {
  if (max <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(max));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= max) ?? 10;
  return step * power;
}

function firstDay(day: string, unit: OverviewState["unit"]): string {
  if (unit === "day") return day;
  if (unit === "month") return `${day.slice(0, 7)}-01`;
  const date = new Date(`${day}T00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

function nameOf(day: string, unit: OverviewState["unit"]): string {
  const date = new Date(`${day}T00:00Z`);
  if (unit === "month") return monthName.format(date);
  return unit === "week" ? `Week of ${weekName.format(date)}` : dayName.format(date);
}

function add(sum: Period, day: Overview["days"][number]): void {
  sum.sessions += day.sessions;
  sum.promptTokens += day.promptTokens;
  sum.completionTokens += day.completionTokens;
  sum.cost += day.cost;
}
