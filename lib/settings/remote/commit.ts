import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { asRecord, asString } from "../../session/value.ts";
import type { FileState, FileTable, RemoteFile } from "../file-state.ts";
import { readCommitTime } from "./commit-id.ts";
import { entryBytesMax, fileBytesMax, filesMax } from "./limits.ts";
import { checkKey } from "./profile.ts";
import type { Seal } from "./seal.ts";
import {
  formatVersion,
  isCount,
  parseObject,
  unzipBounded,
  verify,
  verifyVersion,
} from "./verify.ts";

const zip = promisify(gzip);

/** What makes commits. */
export type CommitKind = "push" | "pull" | "sync" | "automatic" | "resolve" | "rollback";

/** An entry of the log. Its strings come from other machines; they hold no control characters. */
export interface Commit {
  /** From 1 on, without a gap. */
  readonly number: number;
  readonly id: string;
  /** Id of the commit before; undefined for the first one. */
  readonly parent: string | undefined;
  /** By the clock of its machine, in Unix milliseconds. */
  readonly createdAt: number;
  readonly machine: string;
  /** A `CommitKind`, or one that a newer version added. */
  readonly kind: string;
  readonly note: string | undefined;
  /** Number of the newest checkpoint up to this commit; its own where it is one. */
  readonly checkpoint: number;
  /** What changed against the parent, undefined where a file was deleted; in a checkpoint all files. */
  readonly files: ReadonlyMap<string, FileState | undefined>;
}

const pathCharsMax = 4096;
const textCharsMax = 200;

/** Encodes a commit as an entry of the log; sealed, it tells its number, id, parent and time alone. */
export async function encodeCommit(commit: Commit, seal: Seal | undefined): Promise<Uint8Array> {
  const { number, id, parent = null, createdAt, machine, kind, note, checkpoint } = commit;
  const files = Object.fromEntries(
    [...commit.files].map(([path, file]) => [path, file === undefined ? null : encodeFile(file)]),
  );
  const body = { machine, kind, note, checkpoint, files };
  const at = new Date(createdAt).toISOString();
  const head = { version: formatVersion, number, id, parent, createdAt: at };
  if (seal === undefined) return toBytes({ ...head, body });
  // The place in the log is sealed as well, so that nobody can exchange what two commits say.
  const sealed = await seal.seal(await zip(JSON.stringify({ number, id, parent, ...body })));
  const text = Buffer.from(sealed).toString("base64");
  return toBytes({ ...head, key: seal.fingerprint, sealed: text });
}

function toBytes(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/**
 * Decodes entry `number` of the log, which `where` names in messages. Of paths it is only sure that
 * they are text.
 *
 * @throws AppError "refused" where it is damaged or too new; "config" where the key is another one
 */
export async function decodeCommit(
  bytes: Uint8Array,
  number: number,
  seal: Seal | undefined,
  where: string,
): Promise<Commit> {
  const entry = parseObject(bytes, where);
  verifyVersion(entry, where);
  checkKey(asString(entry["key"]), seal, where);
  const { id, parent } = entry;
  verify(entry["number"] === number, where, "it says another number");
  verify(isCommitId(id), where, "it has no id");
  verify(number === 1 ? parent === null : isCommitId(parent), where, "it names no parent");
  const createdAt = Date.parse(asString(entry["createdAt"]) ?? "");
  verify(Number.isFinite(createdAt), where, "it has no time");
  const body = seal === undefined ? asRecord(entry["body"]) : await unseal(entry, seal, where);
  verify(body, where, "it does not say what changed");
  return {
    number,
    id,
    parent: number === 1 ? undefined : (parent as string),
    createdAt,
    ...decodeBody(body, number, where),
  };
}

function isCommitId(value: unknown): value is string {
  return typeof value === "string" && readCommitTime(value) !== undefined;
}

async function unseal(
  entry: Record<string, unknown>,
  seal: Seal,
  where: string,
): Promise<Record<string, unknown>> {
  const sealed = Buffer.from(asString(entry["sealed"]) ?? "", "base64");
  const zipped = await seal.open(sealed).catch(() => undefined);
  verify(zipped, where, "it can't be decrypted");
  const body = parseObject(await unzipBounded(zipped, entryBytesMax, where), where);
  const isItsOwn = (["number", "id", "parent"] as const).every(
    (name) => body[name] === entry[name],
  );
  verify(isItsOwn, where, "what is sealed in it belongs to another commit");
  return body;
}

type CommitBody = Pick<Commit, "machine" | "kind" | "note" | "checkpoint" | "files">;

function decodeBody(body: Record<string, unknown>, number: number, where: string): CommitBody {
  const { checkpoint } = body;
  const [machine, kind, note] = ["machine", "kind", "note"].map((name) => asString(body[name]));
  verify(machine !== undefined && kind !== undefined, where, "it does not say who made it");
  verify(isCount(checkpoint, 1, number), where, "it names no checkpoint");
  const files = decodeChanges(body["files"], where);
  const isWhole = checkpoint !== number || [...files.values()].every((file) => file !== undefined);
  verify(isWhole, where, "it is a checkpoint, and deletes files");
  return {
    machine: toLine(machine),
    kind: toLine(kind),
    note: note === undefined ? undefined : toLine(note),
    checkpoint,
    files,
  };
}

/** One line that can be shown. */
function toLine(text: string): string {
  return text
    .slice(0, textCharsMax)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ");
}

function decodeChanges(value: unknown, where: string): Map<string, FileState | undefined> {
  const record = asRecord(value);
  const entries = record === undefined ? undefined : Object.entries(record);
  verify(entries !== undefined && entries.length <= filesMax, where, "its files can't be read");
  return new Map(
    entries.map(([path, file]) => {
      verifyPath(path, where);
      return [path, file === null ? undefined : decodeFile(file, where)];
    }),
  );
}

/** Checks that a path is text of a sensible length. Whether it is safe is judged where it is used. */
export function verifyPath(path: unknown, where: string): asserts path is string {
  const isPath = typeof path === "string" && path.length <= pathCharsMax && /^[^\0]+$/.test(path);
  verify(isPath, where, "a file in it has no name");
}

function decodeFile(value: unknown, where: string): FileState {
  const { sha256, bytes, x } = asRecord(value) ?? {};
  const isFile =
    isSha256(sha256) && isCount(bytes, 0, fileBytesMax) && (x === undefined || x === true);
  verify(isFile, where, "it describes a file that can't be");
  return { sha256, bytes, isExecutable: x === true };
}

/** Whether a value is a SHA-256 in lower-case hex. */
export function isSha256(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function encodeFile({ sha256, bytes, isExecutable }: FileState): Record<string, unknown> {
  return { sha256, bytes, ...(isExecutable && { x: true }) };
}

/** A table of files as a JSON value. */
export function encodeFiles(files: FileTable<RemoteFile>): Record<string, unknown> {
  return Object.fromEntries(
    [...files].map(([path, file]) => [path, { ...encodeFile(file), snapshot: file.snapshot }]),
  );
}

/**
 * The table that `encodeFiles` gave.
 *
 * @throws AppError "refused" where it is none; `where` names it
 */
export function decodeFiles(value: unknown, where: string): Map<string, RemoteFile> {
  const record = asRecord(value);
  verify(record, where, "its files can't be read");
  return new Map(
    Object.entries(record).map(([path, file]) => {
      verifyPath(path, where);
      const snapshot = asString(asRecord(file)?.["snapshot"]);
      verify(snapshot !== undefined && isSnapshotId(snapshot), where, "a file is in no snapshot");
      return [path, { ...decodeFile(file, where), snapshot }];
    }),
  );
}

/** Whether a text can be the id of a snapshot, ours or one of pi-sync 0.1: it becomes a part of a key. */
export function isSnapshotId(id: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z._-]{0,199}$/.test(id);
}
