import type { MessageView } from "../api.ts";
import type { ApiClient } from "../net/api-client.ts";
import { createPages } from "../net/pages.ts";
import { pairDistanceMax, toItems } from "./pair-tools.ts";
import type { Item } from "./pair-tools.ts";

/** The messages of a session, loaded in pages where somebody looks, and drawn in blocks. */
export interface MessageStore {
  readonly total: number;
  readonly error: Error | undefined;
  /** The messages of a block; undefined where they are not loaded. */
  block(block: number): Item[] | undefined;
  item(index: number): Item | undefined;
  /** Loads a block if it is not there. */
  want(block: number): void;
  /** The session changed: it has `total` messages now, and these blocks are in view. */
  refresh(total: number, inView: number[]): void;
  onChange(listener: () => void): () => void;
}

/** How many messages are drawn, or put away, at once. */
export const blockSize = 20;
const pageSize = 100;

/** Starts with nothing loaded. */
export function createMessageStore(api: ApiClient, id: string, firstTotal: number): MessageStore {
  let total = firstTotal;
  const pages = createPages<Item[]>(async (page, known) =>
    keepSame(known ?? [], await loadPage(api, id, page)),
  );
  return {
    get total() {
      return total;
    },
    get error() {
      return pages.error;
    },
    block(block) {
      const start = (block * blockSize) % pageSize;
      return pages.get(pageOf(block * blockSize))?.slice(start, start + blockSize);
    },
    item: (index) => pages.get(pageOf(index))?.[index % pageSize],
    want: (block) => pages.want(pageOf(block * blockSize)),
    refresh(nextTotal, inView) {
      total = nextTotal;
      pages.refresh(inView.map((block) => pageOf(block * blockSize)));
    },
    onChange: (listener) => pages.onChange(listener),
  };
}

async function loadPage(api: ApiClient, id: string, page: number): Promise<Item[]> {
  const first = page * pageSize;
  const end = first + pageSize;
  const messages: MessageView[] = [];
  let from = Math.max(0, first - pairDistanceMax);
  let limit = end + pairDistanceMax - from;
  // Large messages come fewer at a time than asked for.
  while (limit > 0) {
    const answer = await api.messages(id, from, limit);
    if (answer.messages.length === 0) break;
    messages.push(...answer.messages);
    from += answer.messages.length;
    limit = Math.min(limit - answer.messages.length, answer.total - from);
  }
  return toItems(messages, first, end);
}

/** Messages that did not change keep their identity, and so what is drawn of them. */
function keepSame(known: Item[], items: Item[]): Item[] {
  return items.map((item, at) => {
    const before = known[at];
    return before && JSON.stringify(before) === JSON.stringify(item) ? before : item;
  });
}

function pageOf(index: number): number {
  return Math.floor(index / pageSize);
}
