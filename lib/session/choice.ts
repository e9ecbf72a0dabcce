import { asRecord } from "./value.ts";
import type { Entry } from "./entry.ts";

/**
 * What a person decided about one session: `off` keeps it private for good, `on` takes that back. It
 * is an entry of the session itself, so that it goes with the file wherever that is copied.
 */
export type SyncChoice = "on" | "off";

/** The `customType` of the entry, as an extension of pi may add it. */
export const choiceEntryType = "opensync";

/** The `data` of an entry that says so. */
export function choiceData(choice: SyncChoice): { sync: SyncChoice } {
  return { sync: choice };
}

/** The choice that an entry holds; undefined for any other entry. */
export function readChoice(entry: Entry): SyncChoice | undefined {
  if (entry.type !== "custom" || entry["customType"] !== choiceEntryType) return undefined;
  const sync = asRecord(entry["data"])?.["sync"];
  return sync === "on" || sync === "off" ? sync : undefined;
}
