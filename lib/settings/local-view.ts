import type { SettingsContext } from "./context.ts";
import type { FileState, FileTable, RemoteFile } from "./file-state.ts";
import { hashContent } from "./hash.ts";
import { readLocalFile, settingsFile } from "./read-local.ts";
import type { SyncedFile } from "./read-local.ts";
import { readAvailable } from "./remote/read-available.ts";
import type { RemoteLog } from "./remote/remote-log.ts";
import { applyShared, shareSettings } from "./shared-settings.ts";

/** This machine's files as they are compared with the storage's, and sent there. */
export interface LocalView {
  readonly files: FileTable;
  /** One of them as it is now; undefined where it is not there. */
  read(path: string): Promise<SyncedFile | undefined>;
}

/** What a view is made from. */
interface ViewSources {
  scanned: FileTable;
  remote: FileTable<RemoteFile>;
  /** The settings that both sides agreed on last, then those of the storage: the first that is there counts. */
  settings: readonly RemoteFile[];
}

/**
 * Makes the view. Keys of `settings.json` that only this machine keeps for itself have the value
 * that both sides agreed on last, so that their absence is no change; and where files have no
 * executable bit, the storage's is kept.
 */
export async function viewLocal(
  context: SettingsContext,
  { scanned, remote, settings }: ViewSources,
  signal: AbortSignal,
): Promise<LocalView> {
  const { agentDir, localKeys, hasModes, log } = context;
  const agreed = localKeys.length > 0 ? await readFirst(log, settings, signal) : undefined;
  const withMode = (path: string, state: FileState): FileState =>
    hasModes ? state : { ...state, isExecutable: remote.get(path)?.isExecutable ?? false };

  async function read(path: string): Promise<SyncedFile | undefined> {
    const file = await readLocalFile(agentDir, path, localKeys);
    if (path === settingsFile && agreed) return graft(file, agreed, localKeys);
    return file && { ...file, state: withMode(path, file.state) };
  }

  const files = new Map([...scanned].map(([path, state]) => [path, withMode(path, state)]));
  if (agreed) {
    const whole = await read(settingsFile);
    if (whole) files.set(settingsFile, whole.state);
    else files.delete(settingsFile);
  }
  return { files, read };
}

async function readFirst(
  log: RemoteLog,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  for (const file of files) {
    const content = (await readAvailable(log, [file], signal)).get(file.sha256);
    if (content !== undefined) return content;
  }
  return undefined;
}

/** This machine's shared settings, with the agreed values of the keys that it keeps for itself. */
function graft(
  file: SyncedFile | undefined,
  agreed: Uint8Array,
  localKeys: readonly string[],
): SyncedFile | undefined {
  const text = Buffer.from(agreed).toString("utf8");
  const content = shareSettings(applyShared(text, file?.content, localKeys), []);
  if (content === undefined) return undefined;
  const state = { sha256: hashContent(content), bytes: content.length, isExecutable: false };
  return { content, state };
}
