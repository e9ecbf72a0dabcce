import type { Entry } from "../session/entry.ts";

const plainId = /^[\w.-]{1,64}$/;

/**
 * What tells an entry apart within its session, for good. `position` counts the entries before it.
 *
 * It is pi's own id, but not where pi gave that id when it migrated a session of version 1: such an
 * id is random, so the same entry would be another one before and after. Migration puts the id
 * behind the time stamp, while pi writes new entries with the id first.
 */
export function entryKey(entry: Entry, position: number): string {
  const { id } = entry;
  return typeof id === "string" && plainId.test(id) && isIdFirst(entry) ? id : `#${position}`;
}

function isIdFirst(entry: Entry): boolean {
  for (const name in entry) {
    if (name === "id") return true;
    if (name === "timestamp") return false;
  }
  return false;
}
