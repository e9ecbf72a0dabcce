/** A limit to the time that a piece of work may take. */
export interface Deadline {
  /** Aborted when the time is up, or when the caller's own signal is. */
  readonly signal: AbortSignal;
  /** Whether the time ran out. */
  hasPassed(): boolean;
  /** Must be called when the work is done. */
  end(): void;
}

/**
 * Starts a limit of `timeoutMs`, which never keeps the process alive.
 *
 * By hand, because `AbortSignal.any` over `AbortSignal.timeout` may be collected before it fires
 * in Node 20, and holds on to a long-lived signal there.
 */
export function startDeadline(timeoutMs: number, signal?: AbortSignal): Deadline {
  const controller = new AbortController();
  let passed = false;
  const timer = setTimeout(() => {
    passed = true;
    controller.abort(new DOMException("The time is up.", "TimeoutError"));
  }, timeoutMs);
  timer.unref();
  const onAbort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    hasPassed: () => passed,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}
