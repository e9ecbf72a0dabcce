import { stat } from "node:fs/promises";
import type { Stats } from "node:fs";

/** What the system says of a path; undefined where it says nothing. */
export async function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

/** Whether something stands at a path that can be looked at. */
export async function isThere(path: string): Promise<boolean> {
  return (await statOf(path)) !== undefined;
}
