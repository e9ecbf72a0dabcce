/** One measured figure beside what we want of it. */
export interface BenchResult {
  name: string;
  value: number;
  unit: string;
  /** The limit, as a number without its unit; absent where there is none. */
  goal?: string;
  /** Whether the goal is met. */
  ok?: boolean;
}

/** The middle of some numbers; the lower of two middle ones. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("There is no median of no numbers");
  return middle;
}

/**
 * Runs tasks in turns, one time each to warm up and then `rounds` times, so that whatever else
 * the machine does meets all of them alike. Gives each one's median in milliseconds.
 */
export async function interleave(
  rounds: number,
  tasks: Readonly<Record<string, () => unknown>>,
): Promise<Record<string, number>> {
  const times = new Map<string, number[]>(Object.keys(tasks).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(tasks)) {
      const start = performance.now();
      await run();
      if (round > 0) times.get(name)?.push(performance.now() - start);
    }
  }
  return Object.fromEntries(Array.from(times, ([name, ms]) => [name, median(ms)]));
}
