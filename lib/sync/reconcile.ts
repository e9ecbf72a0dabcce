import { AppError } from "../errors.ts";
import { OpenSyncError } from "../opensync/failure.ts";
import type { Redactor } from "../redact/redact.ts";
import type { SessionFile } from "../session/discover.ts";
import type { Entry } from "../session/entry.ts";
import type { ReadEntry } from "../session/parse-line.ts";
import { noteFacts } from "../session/inspect.ts";
import type { LatestFacts } from "../session/inspect.ts";
import { readEntries } from "../session/read.ts";
import type { TranscriptOptions } from "../transcript/message.ts";
import { createTranscript, initialState } from "../transcript/transcript.ts";
import type { Transcript, TranscriptState, TranscriptStep } from "../transcript/transcript.ts";
import { HistoryNeeded } from "../transcript/tree.ts";
import { readFingerprint, readHeadFingerprint } from "./cursor.ts";
import {
  cleanBy,
  deliverMessage,
  deliverTitle,
  deliverTotals,
  ensureSession,
  isNewPart,
  titleOf,
} from "./delivery.ts";
import type { Delivery, Sink } from "./delivery.ts";
import type { SessionOutcome, SyncEvent } from "./event.ts";
import type { Journal } from "./journal.ts";
import { openSession, shortName } from "./open-session.ts";
import type { OpenOptions, Start } from "./open-session.ts";

/** So many messages may have to be sent again after a crash. */
const messagesPerSave = 25;

/** What a reconcile works with. */
export interface ReconcileOptions extends Omit<OpenOptions, "clean" | "journal"> {
  journal: Pick<Journal, "get" | "findBySession" | "put">;
  sink: Sink;
  redactor: Redactor;
  transcript: TranscriptOptions;
  /** Send the session with its title, times, tokens and cost, but no message. */
  metadataOnly: boolean;
  /**
   * Whether tokens, cost and time are told at the end: each time costs the server an embedding, so
   * a session that goes on at once can wait for that. The file counts as unfinished then.
   */
  totals: "now" | "later";
  /** Ends the run after the request in flight; what was acknowledged is kept. */
  signal?: AbortSignal;
}

/**
 * Sends what the server has not acknowledged of one session, and moves the session's cursor past
 * what it has. Reading starts at the cursor, so a session that grew costs what it grew by.
 *
 * pi's session file is the truth and the cursor a memory of it: sent again, a message replaces
 * itself. So a crash at any point, two processes at once, or a lost cursor double nothing.
 *
 * Nothing is thrown: the last event says how it ended.
 */
export async function* reconcile(
  file: SessionFile,
  options: ReconcileOptions,
): AsyncGenerator<SyncEvent, void> {
  let outcome: SessionOutcome;
  try {
    outcome = yield* run(file, options);
  } catch (error) {
    outcome = options.signal?.aborted
      ? { kind: "waiting" }
      : { kind: isForAll(error) ? "waiting" : "failed", error };
  }
  yield { type: "session-done", path: file.path, outcome, bytes: file.size };
}

/** Whether any other session would meet the same error: the server is not there, or the key wrong. */
function isForAll(error: unknown): boolean {
  return error instanceof OpenSyncError && error.kind !== "refused" && error.kind !== "server";
}

async function* run(
  file: SessionFile,
  options: ReconcileOptions,
): AsyncGenerator<SyncEvent, SessionOutcome> {
  const opening = await openSession(file, { ...options, clean: cleanBy(options.redactor) });
  if (opening.kind === "skipped") {
    if (opening.record) options.journal.put(opening.record);
    return { kind: "skipped", reason: opening.reason };
  }
  if (opening.kind === "unchanged") return { kind: "unchanged" };
  return yield* send(await createRun(file, options, opening.start));
}

/** One session on its way. */
interface Run {
  file: SessionFile;
  options: ReconcileOptions;
  delivery: Delivery;
  transcript: Transcript;
  generation: number;
  /** The beginning of the file as it was when the run began. */
  head: string;
  /** Everything before it is acknowledged. */
  offset: number;
  /** The transcript at that offset. */
  checkpoint: TranscriptState;
  /** Messages since the cursor was saved. */
  unsaved: number;
}

async function createRun(file: SessionFile, options: ReconcileOptions, start: Start): Promise<Run> {
  const { sink, redactor } = options;
  const { state, offset, generation } = start;
  const checkpoint = state.transcript;
  const transcript = createTranscript(checkpoint, options.transcript);
  const delivery = { path: file.path, part: transcript.part, state, sink, redactor, writes: 0 };
  const head = await readHeadFingerprint(file.path, file.size);
  return { file, options, delivery, transcript, generation, head, offset, checkpoint, unsaved: 0 };
}

async function* send(run: Run): AsyncGenerator<SyncEvent, SessionOutcome> {
  const { file, options, delivery } = run;
  yield { type: "session-started", path: file.path, title: titleOf(delivery) };
  let isComplete = false;
  try {
    for await (const batch of readEntries(file.path, { from: run.offset })) {
      if (await isRewritten(run)) throw rewritten(file.path);
      for (const problem of batch.problems) yield { type: "problem", ...problem };
      for (const read of batch.entries) {
        if (options.signal?.aborted) return { kind: "waiting" };
        if (isMadePrivate(run, read)) return { kind: "skipped", reason: "kept private" };
        yield* sendEntry(run, read);
      }
      run.offset = batch.end;
      yield { type: "progress", path: file.path, bytes: batch.end };
    }
    if (options.signal?.aborted) return { kind: "waiting" };
    const session = run.transcript.session();
    await ensureSession(delivery, session);
    await deliverTitle(delivery);
    if (options.totals === "now") {
      await deliverTotals(delivery, session);
      isComplete = true;
    }
  } finally {
    await save(run, isComplete);
  }
  return { kind: delivery.writes > 0 ? "sent" : "unchanged" };
}

/**
 * Takes in the name and the choice of an entry that came after the session was opened, where they are
 * looked for beforehand. Gives whether the entry keeps the session private.
 */
function isMadePrivate({ delivery, file }: Run, { entry, start }: ReadEntry): boolean {
  if (start < file.size) return false;
  const facts: LatestFacts = {};
  noteFacts(facts, entry);
  if (facts.name !== undefined) delivery.state.name = shortName(facts.name);
  return facts.choice === "off";
}

async function* sendEntry(run: Run, { entry, end }: ReadEntry): AsyncGenerator<SyncEvent, void> {
  // A header in the middle of a file is none of this session's entries.
  if (entry.type === "session") return;
  const { delivery, options } = run;
  const { completed, messages } = push(run.transcript, entry) ?? (await replay(run, entry));
  if (completed) {
    await ensureSession(delivery, completed);
    await deliverTotals(delivery, completed);
  }
  delivery.part = run.transcript.part;
  if (!options.metadataOnly) {
    for (const message of messages) {
      if (isNewPart(delivery)) await ensureSession(delivery, run.transcript.session());
      yield* deliverMessage(delivery, message);
    }
    run.unsaved += messages.length;
  }
  run.offset = end;
  run.checkpoint = run.transcript.state();
  if (run.unsaved >= messagesPerSave) await save(run, false);
}

function push(transcript: Transcript, entry: Entry): TranscriptStep | undefined {
  try {
    return transcript.push(entry);
  } catch (error) {
    if (error instanceof HistoryNeeded) return undefined;
    throw error;
  }
}

/** Reads again what is acknowledged, to know what a jump goes back to, and pushes the jump. */
async function replay(run: Run, jump: Entry): Promise<TranscriptStep> {
  const { delivery, file, options, offset } = run;
  const start = initialState(delivery.state.transcript.head);
  run.transcript = createTranscript(start, options.transcript);
  for await (const { entries } of readEntries(file.path)) {
    for (const { entry, end } of entries) {
      if (end > offset) return run.transcript.push(jump);
      if (entry.type !== "session") run.transcript.push(entry);
    }
  }
  return run.transcript.push(jump);
}

/** Whether the file is another one by now, as after pi migrated it. */
async function isRewritten({ file, head }: Run): Promise<boolean> {
  return (await readHeadFingerprint(file.path, file.size)) !== head;
}

function rewritten(path: string): AppError {
  return new AppError("io", `${path} was rewritten while it was read`, {
    hint: "The next run reads it from the beginning.",
  });
}

/** Moves the cursor. The file counts as unchanged from now on where all of it `isComplete`. */
async function save(run: Run, isComplete: boolean): Promise<void> {
  const { file, options, delivery, generation, offset, checkpoint } = run;
  // The offset means nothing in a file that was rewritten meanwhile; the cursor stays where it was.
  if (await isRewritten(run)) return;
  run.unsaved = 0;
  delivery.state.transcript = checkpoint;
  delivery.state.fingerprint = await readFingerprint(file.path, offset);
  options.journal.put({
    path: file.path,
    session: checkpoint.head.externalId,
    generation,
    offset,
    size: isComplete ? file.size : 0,
    mtimeMs: isComplete ? file.mtimeMs : 0,
    state: delivery.state,
  });
}
