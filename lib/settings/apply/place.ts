import type { Clock } from "../../platform/clock.ts";
import type { FileState } from "../file-state.ts";

/** Where changes are applied, and what is needed for it. */
export interface ApplyPlace {
  /** pi's agent directory; made where there is none. */
  agentDir: string;
  /** A private folder of ours, for the journal and the backups. */
  stateDir: string;
  /** Keys of `settings.json` that belong to this machine, beside those that always do. */
  localKeys: readonly string[];
  /** Whether files have an executable bit here. Without, states are compared by their content alone. */
  hasModes: boolean;
  clock: Clock;
  /** Called before every change on the disk, with its name: for tests, which end the process there. */
  onStep?: (step: string) => void;
}

/** What a file is to become. */
export interface FileChange {
  /** Relative to the agent directory, with `/` between names. */
  path: string;
  /** What it is now; undefined where it is not there. What has changed since then is skipped. */
  before: FileState | undefined;
  /** Undefined deletes it. For `settings.json`, the shared part. */
  after: { content: Uint8Array; isExecutable: boolean } | undefined;
}

/** A file that was left as it is. */
export interface SkippedFile {
  path: string;
  /** For a person, such as `changed meanwhile`. */
  reason: string;
}

/** What came of changes. */
export interface Applied {
  /** Files that are as they were to become, those that were so before included. */
  written: string[];
  /** Files that are not there any more. */
  deleted: string[];
  skipped: SkippedFile[];
  /** Where the former contents stand, by their paths; undefined where there were none. */
  backupDir?: string;
}
