/**
 * Works through `items` in order, up to `lanes` of them at a time, and yields what the work on them
 * yields as it comes. An error of one piece of work ends all.
 */
export async function* runLanes<Item, Event>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item) => AsyncGenerator<Event, void>,
): AsyncGenerator<Event, void> {
  const queue = items.values();
  let waiting: Event[] = [];
  let running = Math.min(lanes, items.length);
  let wake = (): void => {};
  let isClosed = false;
  let failure: { error: unknown } | undefined;

  const runLane = async (): Promise<void> => {
    for (const item of queue) {
      for await (const event of work(item)) {
        waiting.push(event);
        wake();
        if (isClosed) return;
      }
      if (isClosed || failure) return;
    }
  };
  const startLane = async (): Promise<void> => {
    try {
      await runLane();
    } catch (error) {
      failure ??= { error };
    } finally {
      running -= 1;
      wake();
    }
  };
  for (let lane = 0; lane < Math.min(lanes, items.length); lane++) void startLane();

  try {
    while (running > 0 || waiting.length > 0) {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const events = waiting;
      waiting = [];
      yield* events;
    }
  } finally {
    isClosed = true;
  }
  if (failure) throw failure.error;
}
