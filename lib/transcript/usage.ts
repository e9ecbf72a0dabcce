import type { Entry } from "../session/entry.ts";
import { asNumber, asRecord } from "../session/value.ts";

/** Tokens and US dollars. */
export interface Spending {
  promptTokens: number;
  completionTokens: number;
  cost: number;
}

/** Nothing spent. */
export const noSpending: Spending = { promptTokens: 0, completionTokens: 0, cost: 0 };

/**
 * What an entry spent: answers, compactions, summaries of branches, usage entries, and tools that
 * called a model themselves carry a `usage` (pi's docs/message-types.md). What was read from and
 * written to the cache counts as prompt, so that the total is the one that pi shows.
 */
export function spendingOf(entry: Entry): Spending | undefined {
  const usage = asRecord(entry["usage"]) ?? asRecord(asRecord(entry["message"])?.["usage"]);
  if (!usage) return undefined;
  return {
    promptTokens: count(usage["input"]) + count(usage["cacheRead"]) + count(usage["cacheWrite"]),
    completionTokens: count(usage["output"]),
    cost: costOf(usage["cost"]),
  };
}

/** The sum of two. */
export function addSpending(a: Spending, b: Spending): Spending {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    cost: a.cost + b.cost,
  };
}

/** More tokens or dollars than this are a broken file, and would make the sum infinite. */
const amountMax = 1e12;

function count(value: unknown): number {
  return Math.round(amount(value));
}

function amount(value: unknown): number {
  return Math.min(amountMax, Math.max(0, asNumber(value) ?? 0));
}

function costOf(value: unknown): number {
  const parts = asRecord(value);
  if (!parts) return amount(value);
  if (asNumber(parts["total"]) !== undefined) return amount(parts["total"]);
  return ["input", "output", "cacheRead", "cacheWrite"].reduce(
    (sum, key) => sum + amount(parts[key]),
    0,
  );
}
