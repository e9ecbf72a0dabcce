/** One measured figure beside what we want of it. */
export interface BenchResult {
  name: string;
  value: number;
  unit: string;
  /** The limit, as a number without its unit. */
  goal: string;
  ok: boolean;
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
export async function interleave<Name extends string>(
  rounds: number,
  tasks: Readonly<Record<Name, () => unknown>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(tasks) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      await tasks[name]();
      if (round > 0) times[name]?.push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name] ?? [])])) as Record<
    Name,
    number
  >;
}
