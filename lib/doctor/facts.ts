import type { ConfigFacts } from "./facts/config.ts";
import type { DiskFacts } from "./facts/disk.ts";
import type { EmbeddedFacts } from "./facts/embedded.ts";
import type { FileFacts } from "./facts/files.ts";
import type { LockFacts } from "./facts/locks.ts";
import type { PiFacts } from "./facts/pi.ts";
import type { ProgramFacts } from "./facts/program.ts";
import type { ProgressFacts } from "./facts/progress.ts";
import type { RedactionFacts } from "./facts/redaction.ts";
import type { ServerFacts } from "./facts/server.ts";
import type { SessionFacts } from "./facts/sessions.ts";
import type { SettingsFacts } from "./facts/settings.ts";

/**
 * What was found on this machine and at the server: plain JSON, without any secret. A part that was
 * not looked at is absent.
 */
export interface Facts {
  program?: ProgramFacts | undefined;
  config?: ConfigFacts | undefined;
  pi?: PiFacts | undefined;
  server?: ServerFacts | undefined;
  sessions?: SessionFacts | undefined;
  progress?: ProgressFacts | undefined;
  redaction?: RedactionFacts | undefined;
  files?: FileFacts | undefined;
  locks?: LockFacts | undefined;
  embedded?: EmbeddedFacts | undefined;
  disk?: DiskFacts | undefined;
  settings?: SettingsFacts | undefined;
  /** What could not be looked at. */
  unknown?: UnknownPart[];
}

/** A part that could not be looked at, and why. */
export interface UnknownPart {
  /** Such as "The server". */
  what: string;
  reason: string;
  hint?: string | undefined;
}
