import { resolve } from "node:path";

import type { SyncChoice } from "./choice.ts";
import { parentPathOf } from "./entry.ts";
import type { Parentage } from "./entry.ts";
import { inspectSession } from "./inspect.ts";

/** Why a session is not to leave this machine. */
export type PrivacyReason = (typeof privacyReasons)[number];

/** Every reason for that. */
export const privacyReasons = ["kept private", "fork of a private session"] as const;

/** More generations of forks than anybody makes; a loop of files must not be followed for ever. */
const generationsMax = 50;

/** The file that a session was forked from. pi may write its path from the project's folder on. */
export function parentFileOf(header: Parentage): string | undefined {
  const path = parentPathOf(header);
  return path === undefined ? undefined : resolve(header.cwd ?? "", path);
}

/**
 * Whether a session is private: by what its person chose last for it or, where nothing was chosen, by
 * the session it was forked from. A parent that can't be read says nothing.
 */
export async function findPrivacy(
  choice: SyncChoice | undefined,
  parentPath: string | undefined,
): Promise<PrivacyReason | undefined> {
  if (choice !== undefined) return choice === "off" ? "kept private" : undefined;
  let path = parentPath;
  for (let generation = 0; path !== undefined && generation < generationsMax; generation++) {
    const parent = await inspectSession(path).catch(() => undefined);
    if (parent?.kind !== "session") return undefined;
    if (parent.choice !== undefined) {
      return parent.choice === "off" ? "fork of a private session" : undefined;
    }
    path = parentFileOf(parent.header);
  }
  return undefined;
}
