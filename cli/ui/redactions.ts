import type { SyncEvent } from "../../lib/sync/event.ts";
import { printable } from "./format.ts";
import type { Messages } from "./messages.ts";

/** Lists the secrets that an event replaced: masked, and where they stood. */
export function showRedactions(event: SyncEvent, messages: Messages): void {
  if (event.type !== "redacted") return;
  for (const { kind, masked, where } of event.findings) {
    messages.log(`  ${kind}  ${printable(masked)}  in ${event.id} ${printable(where)}`);
  }
}
