import { createHash } from "node:crypto";

import { parentPathOf } from "../session/entry.ts";
import type { SessionHeader } from "../session/entry.ts";
import { parseTime } from "./time.ts";

/** What the first line of a session file says about the session, in the terms of the transcript. */
export interface SessionHead {
  /** OpenSync's id of the session; the ids of its messages start with it. */
  externalId: string;
  /** The project's folder. */
  cwd?: string;
  /** Unix milliseconds; absent where the header has no readable time. */
  createdAt?: number;
  /** Put before the title: what this session was forked from, and whether it is a sub-agent's. */
  titlePrefix: string;
  /** Entries older than this (Unix milliseconds) are a fork's copies of its parent's history. */
  ownSince?: number;
}

/** Longer than any system's paths; a cursor has to stay small. */
const cwdCharsMax = 8000;
/** A name that can stand in an id as it is. */
const plainName = /^[\w.-]{1,64}$/;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads the head of a session. `nested` says that the file stands in a folder of sub-agents.
 *
 * The id is pi's own where that is a UUID. `pi --session-id daily` gives the same id to sessions
 * of different projects, so such an id is told apart by when and where its session began. The
 * prefix `pi:` keeps clear of what the older pi-opensync-plugin stored under the bare id.
 */
export function readSessionHead(header: SessionHeader, nested: boolean): SessionHead {
  const parent = parentId(header);
  const createdAt = parseTime(header.timestamp);
  const head: SessionHead = {
    externalId: `pi:${globalId(header)}`,
    titlePrefix: `${nested ? "[Subagent] " : ""}${parent ? `[Fork::${parent.slice(0, 8)}] ` : ""}`,
  };
  if (typeof header.cwd === "string" && header.cwd !== "")
    head.cwd = header.cwd.slice(0, cwdCharsMax);
  if (createdAt !== undefined) head.createdAt = createdAt;
  if (parent && createdAt !== undefined) head.ownSince = createdAt;
  return head;
}

/** The last folder of a path, of either kind of system. */
export function projectName(cwd: string): string {
  return cwd.split(/[/\\]/).findLast((name) => name !== "") ?? cwd;
}

function globalId(header: SessionHeader): string {
  if (uuidPattern.test(header.id)) return header.id;
  const origin = createHash("sha256").update(
    `${header.id}\n${header.timestamp ?? ""}\n${header.cwd ?? ""}`,
  );
  const name = plainName.test(header.id) ? `${header.id}-` : "";
  return `${name}${origin.digest("hex").slice(0, 12)}`;
}

/** The parent's id, from the name of its file: `<time>_<id>.jsonl`. */
function parentId(header: SessionHeader): string | undefined {
  const parent = parentPathOf(header);
  if (!parent) return undefined;
  const name = projectName(parent).replace(/\.jsonl$/, "");
  return name.slice(name.indexOf("_") + 1) || undefined;
}
