import type { SessionFile } from "../session/discover.ts";
import { skipReason } from "./cursor.ts";
import { isUnchanged } from "./journal.ts";
import type { Journal } from "./journal.ts";

/** What there is to know of a file that is as it was. */
export type Recollection = { kind: "unchanged" } | { kind: "skipped"; reason: string };

/** What the journal says of a file without a look into it; undefined where that is needed. */
export function recall(file: SessionFile, journal: Pick<Journal, "get">): Recollection | undefined {
  const record = journal.get(file.path);
  if (!record || !isUnchanged(record, file.size, file.mtimeMs)) return undefined;
  if (record.session !== "") return { kind: "unchanged" };
  const reason = skipReason(record);
  return reason === undefined ? undefined : { kind: "skipped", reason };
}
