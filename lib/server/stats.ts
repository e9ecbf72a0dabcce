import type { Database } from "bun:sqlite";

/** The sums of `GET /api/stats`. */
export interface Stats {
  sessionCount: number;
  messageCount: number;
  totalTokens: number;
  totalCost: number;
  totalDurationMs: number;
  modelUsage: Record<string, { tokens: number; cost: number; sessions: number }>;
}

/** Sums over all sessions (contract, section 8). */
export function readStats(database: Database): Stats {
  const usage = database
    .prepare<{ model: string } & Omit<Stats, "modelUsage">, []>(
      `SELECT coalesce(nullif(model, ''), 'unknown') AS model, count(*) AS sessionCount,
         sum(message_count) AS messageCount, sum(total_tokens) AS totalTokens,
         sum(cost) AS totalCost, sum(coalesce(duration_ms, 0)) AS totalDurationMs
       FROM sessions GROUP BY 1`,
    )
    .all();
  const sum = (field: keyof Omit<Stats, "modelUsage">): number =>
    usage.reduce((total, row) => total + row[field], 0);
  return {
    sessionCount: sum("sessionCount"),
    messageCount: sum("messageCount"),
    totalTokens: sum("totalTokens"),
    totalCost: sum("totalCost"),
    totalDurationMs: sum("totalDurationMs"),
    modelUsage: Object.fromEntries(
      usage.map(({ model, totalTokens, totalCost, sessionCount }) => [
        model,
        { tokens: totalTokens, cost: totalCost, sessions: sessionCount },
      ]),
    ),
  };
}
