import { toError } from "./use-load.ts";

/** Something long, loaded in pages where somebody looks. */
export interface Pages<T> {
  /** Why the last page that was asked for did not come. */
  readonly error: Error | undefined;
  /** Undefined where it is not loaded. */
  get(page: number): T | undefined;
  /** Loads a page if it is not there. */
  want(page: number): void;
  /** Loads these pages again; what is there stays until then, the rest is forgotten. */
  refresh(pages: Iterable<number>): void;
  onChange(listener: () => void): () => void;
}

const pagesMax = 30;

/**
 * Starts with nothing loaded, and keeps the 30 pages that were used last.
 *
 * @param load Gets a page; `known` is what was there of it.
 */
export function createPages<T>(load: (page: number, known: T | undefined) => Promise<T>): Pages<T> {
  const loaded = new Map<number, T>();
  const asked = new Set<number>();
  const askAgain = new Set<number>();
  const listeners = new Set<() => void>();
  let error: Error | undefined;

  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  /** The last one used is the last one forgotten. */
  const keep = (page: number, value: T): void => {
    loaded.delete(page);
    loaded.set(page, value);
    for (const oldest of loaded.keys()) {
      if (loaded.size <= pagesMax) return;
      loaded.delete(oldest);
    }
  };
  const ask = async (page: number): Promise<void> => {
    asked.add(page);
    try {
      keep(page, await load(page, loaded.get(page)));
      error = undefined;
    } catch (thrown) {
      error = toError(thrown);
    } finally {
      asked.delete(page);
    }
    tell();
    if (askAgain.delete(page)) void ask(page);
  };

  return {
    get error() {
      return error;
    },
    get: (page) => loaded.get(page),
    want(page) {
      const known = loaded.get(page);
      if (known !== undefined) keep(page, known);
      else if (!asked.has(page)) void ask(page);
    },
    refresh(pages) {
      const wanted = new Set(pages);
      for (const page of loaded.keys()) if (!wanted.has(page)) loaded.delete(page);
      for (const page of wanted) {
        if (asked.has(page)) askAgain.add(page);
        else void ask(page);
      }
      tell();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
