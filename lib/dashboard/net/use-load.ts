import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** A value on its way. What was there stays until the next is there. */
export interface Loading<T> {
  value?: T;
  error?: Error;
  isLoading: boolean;
  reload: () => void;
}

/** Loads a value whenever `key` changes; a request that nobody waits for any more is aborted. */
export function useLoad<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  delayMs = 0,
): Loading<T> {
  const [state, setState] = useState<Omit<Loading<T>, "reload">>({ isLoading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const aborting = new AbortController();
    const settle = (next: Omit<Loading<T>, "reload">): void => {
      if (!aborting.signal.aborted) setState(next);
    };
    setState(({ value }) => ({ ...(value === undefined ? {} : { value }), isLoading: true }));
    const start = (): void => {
      latest.current(aborting.signal).then(
        (value) => settle({ value, isLoading: false }),
        (error: unknown) => settle({ error: toError(error), isLoading: false }),
      );
    };
    const timer = setTimeout(start, delayMs);
    return () => {
      clearTimeout(timer);
      aborting.abort();
    };
  }, [key, round, delayMs]);
  const reload = useCallback(() => setRound((round) => round + 1), []);
  return { ...state, reload };
}

/** What was thrown, as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
