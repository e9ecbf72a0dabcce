import type { SessionFile } from "../session/discover.ts";
import { findLatest, inspectSession } from "../session/inspect.ts";
import { findPrivacy, parentFileOf } from "../session/privacy.ts";
import { readSessionHead } from "../transcript/session-head.ts";
import type { SessionHead } from "../transcript/session-head.ts";
import { promptTitle } from "../transcript/title.ts";
import { initialState } from "../transcript/transcript.ts";
import { cursorState, readFingerprint } from "./cursor.ts";
import type { CursorState, SkippedState } from "./cursor.ts";
import type { CursorRecord, Journal } from "./journal.ts";
import { recall } from "./recall.ts";

/** Where to begin with a session file. */
export type Opening =
  | { kind: "unchanged" }
  /** `record` is set where the file itself is the reason, to be remembered. */
  | { kind: "skipped"; reason: string; record?: CursorRecord }
  | { kind: "open"; start: Start };

/** The point from which a session is sent. */
export interface Start {
  state: CursorState;
  offset: number;
  generation: number;
}

/** What opening depends on. */
export interface OpenOptions {
  journal: Pick<Journal, "get" | "findBySession">;
  /** Ignore what is remembered and send everything. */
  force: boolean;
  /** Takes secrets out of a text. */
  clean: (text: string) => string;
  /** Why a session is not to be sent, by its project, if so. */
  leaveOut: (head: SessionHead) => Promise<string | undefined>;
}

/**
 * Finds where to go on with a session file: behind what is acknowledged, where the file still
 * holds it, else at its beginning.
 *
 * @throws AppError "io" where the file can't be read
 */
export async function openSession(file: SessionFile, options: OpenOptions): Promise<Opening> {
  if (options.force) return begin(file, options);
  return (
    recall(file, options.journal) ?? (await resume(file, options)) ?? (await begin(file, options))
  );
}

/** A session's name as a cursor keeps it: more than any title shows, and still small. */
export function shortName(name: string): string {
  return name.slice(0, nameCharsMax);
}

const nameCharsMax = 2000;

async function resume(file: SessionFile, options: OpenOptions): Promise<Opening | undefined> {
  const record = options.journal.get(file.path);
  return record && goOn(file, record, record.generation, options);
}

async function goOn(
  file: SessionFile,
  record: CursorRecord,
  generation: number,
  options: OpenOptions,
): Promise<Opening | undefined> {
  const state = cursorState(record);
  const { offset } = record;
  if (!state) return undefined;
  if ((await readFingerprint(file.path, offset)) !== state.fingerprint) return undefined;
  const reason = await options.leaveOut(state.transcript.head);
  if (reason !== undefined) return { kind: "skipped", reason };
  const latest = await findLatest(file.path, offset);
  if (latest.choice === "off") return { kind: "skipped", reason: "kept private" };
  const name = latest.name === undefined ? state.name : shortName(latest.name);
  return { kind: "open", start: { state: { ...state, name }, offset, generation } };
}

async function begin(file: SessionFile, options: OpenOptions): Promise<Opening> {
  const generation = (options.journal.get(file.path)?.generation ?? 0) + 1;
  const found = await inspectSession(file.path);
  if (found.kind === "skip") return skip(file, found.reason, generation);
  const head = readSessionHead(found.header, file.nested);
  const reason = await options.leaveOut(head);
  if (reason !== undefined) return { kind: "skipped", reason };
  const privacy = await findPrivacy(found.choice, parentFileOf(found.header));
  if (privacy !== undefined) return { kind: "skipped", reason: privacy };
  const moved = options.force ? undefined : await goOnElsewhere(file, head, generation, options);
  if (moved) return moved;
  const state: CursorState = {
    transcript: initialState(head),
    fingerprint: "",
    prompt: promptTitle(found.firstPrompt ?? "", options.clean),
    name: shortName(found.name ?? ""),
    parts: 0,
    messages: 0,
  };
  return { kind: "open", start: { state, offset: 0, generation } };
}

/** What the file itself is the reason for is remembered for as long as it stays as it is. */
function skip({ path, size, mtimeMs }: SessionFile, reason: string, generation: number): Opening {
  const state: SkippedState = { skipped: reason };
  const record = { path, session: "", generation, offset: 0, size, mtimeMs, state };
  return { kind: "skipped", reason, record };
}

/** A session whose file was moved goes on where its file stood before. */
async function goOnElsewhere(
  file: SessionFile,
  head: SessionHead,
  generation: number,
  options: OpenOptions,
): Promise<Opening | undefined> {
  for (const record of options.journal.findBySession(head.externalId)) {
    if (record.path === file.path) continue;
    const opening = await goOn(file, record, generation, options);
    if (opening) return opening;
  }
  return undefined;
}
