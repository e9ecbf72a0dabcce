import { randomBytes } from "node:crypto";

const idPattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}$/;

/**
 * Makes the id of a commit, such as `20261121T093012Z-3f9a2c1d`. Its time is never before its
 * parent's, whatever the clocks of two machines say: what is removed for its age goes by it.
 */
export function makeCommitId(nowMs: number, parentId: string | undefined): string {
  const time = Math.max(nowMs, parentId === undefined ? 0 : (readCommitTime(parentId) ?? 0));
  const text = new Date(time).toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
  return `${text}-${randomBytes(4).toString("hex")}`;
}

/** The time in a commit's id, in Unix milliseconds; undefined where it is the id of no commit. */
export function readCommitTime(id: string): number | undefined {
  const [, year, month, day, hour, minute, second] = idPattern.exec(id) ?? [];
  if (second === undefined) return undefined;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}
