/** What is known of a synced file without its content. */
export interface FileState {
  /** SHA-256 of the content in hex; for `settings.json`, of its shared part (see shared-settings.ts). */
  readonly sha256: string;
  readonly bytes: number;
  readonly isExecutable: boolean;
}

/** A file in the storage. */
export interface RemoteFile extends FileState {
  /** Id of the commit whose snapshot holds the content. */
  readonly snapshot: string;
}

/** Files by their path: relative to pi's agent directory, with `/` between names. */
export type FileTable<T extends FileState = FileState> = ReadonlyMap<string, T>;

/** Whether two states of a file, or its absence, are the same. */
export function isSameState(a: FileState | undefined, b: FileState | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.sha256 === b.sha256 && a.isExecutable === b.isExecutable;
}
