import type { EngineHolder } from "../../lib/live/engine.ts";
import type { LiveSync } from "../../lib/live/live-sync.ts";
import type { CommandContext } from "../commands.ts";
import { describeError } from "./tell-error.ts";

/** What a session has that can be sent. */
export interface LiveParts {
  live: LiveSync;
  engine: EngineHolder;
  baseUrl: string;
}

/** The session's sync; undefined, and the person told why, where nothing can be sent. */
export function requireLive({ session, say }: CommandContext): LiveParts | undefined {
  const { live, engine, baseUrl, obstacle } = session;
  if (live && engine && baseUrl !== undefined) return { live, engine, baseUrl };
  if (obstacle) say(describeError(obstacle), "warning");
  return undefined;
}
