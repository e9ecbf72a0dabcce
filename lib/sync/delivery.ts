import { messageOf } from "../errors.ts";
import type { OpenSyncClient } from "../opensync/client.ts";
import { OpenSyncError } from "../opensync/failure.ts";
import type { MessagePut, SessionPut } from "../opensync/wire.ts";
import type { Redactor } from "../redact/redact.ts";
import { fitMessage, fitSession } from "../transcript/fit.ts";
import type { SessionHead } from "../transcript/session-head.ts";
import { partTitle, sessionTitle } from "../transcript/title.ts";
import { partId } from "../transcript/transcript.ts";
import { fingerprintOf } from "./cursor.ts";
import type { CursorState } from "./cursor.ts";
import type { SyncEvent } from "./event.ts";

/** What the engine needs of a server. Each call says whether something was written there. */
export interface Sink {
  putSession(session: SessionPut): Promise<boolean>;
  putMessage(message: MessagePut): Promise<boolean>;
  renameSession(externalId: string, title: string): Promise<boolean>;
}

/** The sink that a client is, as long as `signal` does not end its calls. */
export function toSink(client: Writer, signal?: AbortSignal): Sink {
  const done = (): boolean => true;
  return {
    putSession: (session) => client.putSession(session, { signal }).then(done),
    putMessage: (message) => client.putMessage(message, { signal }).then(done),
    renameSession: (id, title) => client.renameSession(id, title, { signal }).then(done),
  };
}

/** A sink that takes everything and keeps nothing. */
export const nowhere: Sink = {
  putSession: () => Promise.resolve(true),
  putMessage: () => Promise.resolve(true),
  renameSession: () => Promise.resolve(true),
};

/** The calls of a client that write. */
export type Writer = Pick<OpenSyncClient, "putSession" | "putMessage" | "renameSession">;

/** A message that fails in so many runs on a server that is well is passed over. */
const stuckRunsMax = 3;

/** What a delivery works on: the session's cursor, which it keeps true, and the way out. */
export interface Delivery {
  path: string;
  /** The part of the session that is being sent, from 1. */
  part: number;
  state: CursorState;
  sink: Sink;
  redactor: Redactor;
  /** Calls so far that wrote something. */
  writes: number;
}

/** Whether the part of the session that is being sent does not stand on the server yet. */
export function isNewPart({ part, state }: Delivery): boolean {
  return state.parts < part;
}

/**
 * Makes sure that the session stands on the server, titled: it is created, with the time that only
 * its creation can set, before its first message.
 */
export async function ensureSession(delivery: Delivery, session: SessionPut): Promise<void> {
  if (!isNewPart(delivery)) return;
  const { part, state, sink } = delivery;
  const title = titleOf(delivery);
  const { promptTokens, completionTokens, cost, durationMs, ...facts } = cleanFacts(
    delivery,
    session,
  );
  await write(delivery, sink.putSession(fitSession({ ...facts, title: partTitle(title, part) })));
  state.parts = part;
  state.title ??= fingerprintOf(title);
}

/** Sends one message. One that is refused for good is told and counted, and holds up nothing. */
export async function* deliverMessage(
  delivery: Delivery,
  put: MessagePut,
): AsyncGenerator<SyncEvent, void> {
  const { path, state } = delivery;
  const redacted = delivery.redactor.redactMessage(put);
  const { value } = redacted;
  // All text stands in a part as well, where a secret is counted.
  const findings = redacted.findings.filter(({ where }) => where !== "textContent");
  const id = put.externalId;
  if (findings.length > 0) yield { type: "redacted", path, id, findings };
  try {
    const isWritten = await write(delivery, delivery.sink.putMessage(fitMessage(value)));
    state.messages += 1;
    if (isWritten) yield { type: "message", path, id };
  } catch (error) {
    if (!(await isHopeless(delivery, put, error))) throw error;
    const reason = messageOf(error);
    state.refused = { count: (state.refused?.count ?? 0) + 1, reason };
    yield { type: "message", path, id, refused: reason };
  }
  delete state.stuck;
}

/**
 * Tells the server the session's tokens, cost, time and model, where they changed. The call goes
 * without a title: servers drop an update within ten seconds of the last one where only cost or
 * time changed, but not where the title is absent (contract, section 4).
 */
export async function deliverTotals(delivery: Delivery, session: SessionPut): Promise<void> {
  const totals = fingerprintOf(JSON.stringify(session));
  if (totals === delivery.state.totals) return;
  await write(delivery, delivery.sink.putSession(fitSession(cleanFacts(delivery, session))));
  delivery.state.totals = totals;
}

/**
 * Gives the session the name that it has in pi by now. It is renamed in a way that keeps its
 * messages searchable (contract, section 12).
 */
export async function deliverTitle(delivery: Delivery): Promise<void> {
  const { state, sink } = delivery;
  const title = titleOf(delivery);
  if (state.title === undefined || state.title === fingerprintOf(title)) return;
  for (let part = 1; part <= state.parts; part++) {
    const { title: fitted } = fitSession({ externalId: "", title: partTitle(title, part) });
    await write(delivery, sink.renameSession(partId(headOf(state), part), fitted ?? title));
  }
  state.title = fingerprintOf(title);
}

/** Takes secrets out of a text. */
export function cleanBy(redactor: Redactor): (text: string) => string {
  return (text) => redactor.redactText(text).value;
}

/** The session's title, without secrets. */
export function titleOf({ state, redactor }: Delivery): string {
  return sessionTitle(headOf(state), state.name, state.prompt, cleanBy(redactor));
}

/** The session without secrets in the names of its project and model. */
function cleanFacts({ redactor }: Delivery, session: SessionPut): SessionPut {
  const clean = cleanBy(redactor);
  const { projectPath, projectName, model, provider } = session;
  return {
    ...session,
    ...(projectPath && { projectPath: clean(projectPath) }),
    ...(projectName && { projectName: clean(projectName) }),
    ...(model && { model: clean(model) }),
    ...(provider && { provider: clean(provider) }),
  };
}

async function write(delivery: Delivery, call: Promise<boolean>): Promise<boolean> {
  const isWritten = await call;
  if (isWritten) delivery.writes += 1;
  return isWritten;
}

/**
 * Whether a message will never be taken: refused by the server's own rules, or, where the server
 * only ever says that something went wrong, failed in several runs while it takes other calls.
 */
async function isHopeless(delivery: Delivery, put: MessagePut, error: unknown): Promise<boolean> {
  if (!(error instanceof OpenSyncError)) return false;
  if (error.kind === "refused") return true;
  if (error.reason !== "unknown") return false;
  const { state } = delivery;
  const runs = (state.stuck?.id === put.externalId ? state.stuck.runs : 0) + 1;
  state.stuck = { id: put.externalId, runs };
  if (runs < stuckRunsMax) return false;
  await delivery.sink.putSession({ externalId: put.sessionExternalId });
  return true;
}

function headOf(state: CursorState): SessionHead {
  return state.transcript.head;
}
