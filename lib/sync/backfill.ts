import { OpenSyncError } from "../opensync/failure.ts";
import type { Clock } from "../platform/clock.ts";
import type { SessionFile } from "../session/discover.ts";
import type { BackfillPlan } from "./backfill-plan.ts";
import type { Sink } from "./delivery.ts";
import type { SyncEvent } from "./event.ts";
import { runLanes } from "./lanes.ts";
import { reconcile } from "./reconcile.ts";
import type { ReconcileOptions } from "./reconcile.ts";

/** So many sessions in a row failing on the server's trouble are the server's trouble. */
const troubledSessionsMax = 5;

/** So long a request in flight may still take when the run is asked to stop. */
const graceMs = 3000;

/** What a backfill works with. */
export interface BackfillOptions extends Omit<ReconcileOptions, "sink" | "totals"> {
  clock: Clock;
  /** The server, for as long as the signal does not end the calls. */
  openSink: (signal: AbortSignal) => Sink;
  /** Sessions that are worked on at a time; how many requests are in flight is the client's matter. */
  lanes: number;
}

/**
 * Reconciles the sessions of a plan. A bad session never stops the others; a refused key or a server
 * that can't be reached ends the run, and the last event, `finished`, says so.
 */
export async function* backfill(
  plan: BackfillPlan,
  options: BackfillOptions,
): AsyncGenerator<SyncEvent, void> {
  const stop = new AbortController();
  const cut = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const cutLater = (): void => {
    options.clock.sleep(graceMs, cut.signal).then(
      () => cut.abort(),
      () => {},
    );
  };
  options.signal?.addEventListener("abort", cutLater, { once: true });
  const sink = options.openSink(cut.signal);

  let troubled = 0;
  let fatal: unknown;
  const work = async function* (file: SessionFile): AsyncGenerator<SyncEvent, void> {
    if (signal.aborted) return;
    for await (const event of reconcile(file, { ...options, sink, totals: "now", signal })) {
      yield event;
      if (event.type !== "session-done") continue;
      const { outcome } = event;
      const error = "error" in outcome ? outcome.error : undefined;
      troubled = isTrouble(error) ? troubled + 1 : 0;
      if ((outcome.kind === "waiting" && error !== undefined) || troubled >= troubledSessionsMax) {
        fatal ??= error;
        stop.abort();
        cut.abort();
      }
    }
  };
  try {
    yield* runLanes(plan.waiting, options.lanes, work);
  } finally {
    options.signal?.removeEventListener("abort", cutLater);
    cut.abort();
  }
  yield {
    type: "finished",
    isStopped: signal.aborted,
    ...(fatal !== undefined && { error: fatal }),
  };
}

function isTrouble(error: unknown): boolean {
  return error instanceof OpenSyncError && error.kind === "server";
}
