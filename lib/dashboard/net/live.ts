import type { ServerEvent } from "../api.ts";
import type { ApiClient } from "./api-client.ts";
import { readLines } from "./lines.ts";

/** `missed` comes after a gap: whatever is shown may be old. */
export type LiveEvent = ServerEvent | { kind: "missed" };

/** Whether the server can be heard. */
export type LiveStatus = "connecting" | "live" | "gone";

/** What happens at the server, as it happens. */
export interface Live {
  readonly status: LiveStatus;
  /** Hears events from now on; gives what ends it. */
  onEvent(listener: (event: LiveEvent) => void): () => void;
  onStatus(listener: () => void): () => void;
  close(): void;
}

const waitMsMin = 500;
const waitMsMax = 5_000;

/**
 * Listens to the server's events, and comes back by itself whenever they end. A page that is hidden
 * does not listen: a browser has six connections to a server, for all its tabs together.
 */
export function listenToServer(api: ApiClient): Live {
  const events = new Set<(event: LiveEvent) => void>();
  const statuses = new Set<() => void>();
  const ending = new AbortController();
  let status: LiveStatus = "connecting";
  const setStatus = (next: LiveStatus): void => {
    if (next === status) return;
    status = next;
    for (const listener of statuses) listener();
  };
  const emit = (event: LiveEvent): void => {
    for (const listener of events) listener(event);
  };
  const listenOnce = async (isFirst: boolean): Promise<void> => {
    const mayBeOld = !isFirst || document.hidden;
    await untilShown(ending.signal);
    const hiding = abortWhenHidden();
    try {
      const stream = await api.events(AbortSignal.any([ending.signal, hiding.signal]));
      setStatus("live");
      if (mayBeOld) emit({ kind: "missed" });
      for await (const line of readLines(stream)) emit(JSON.parse(line) as ServerEvent);
    } catch (error) {
      if (!hiding.signal.aborted) throw error;
    } finally {
      hiding.close();
    }
  };
  void keepListening(listenOnce, () => setStatus("gone"), ending.signal);
  return {
    get status() {
      return status;
    },
    onEvent: (listener) => subscribe(events, listener),
    onStatus: (listener) => subscribe(statuses, listener),
    close: () => ending.abort(),
  };
}

async function keepListening(
  listenOnce: (isFirst: boolean) => Promise<void>,
  onFailed: () => void,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = waitMsMin;
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    try {
      await listenOnce(isFirst);
      waitMs = waitMsMin;
    } catch {
      if (signal.aborted) return;
      onFailed();
    }
    await pause(waitMs);
    waitMs = Math.min(waitMs * 2, waitMsMax);
  }
}

function untilShown(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
    look();
  });
}

function abortWhenHidden(): { signal: AbortSignal; close: () => void } {
  const hiding = new AbortController();
  const look = (): void => {
    if (document.hidden) hiding.abort();
  };
  document.addEventListener("visibilitychange", look);
  return {
    signal: hiding.signal,
    close: () => document.removeEventListener("visibilitychange", look),
  };
}

function pause(waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, waitMs);
  });
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
