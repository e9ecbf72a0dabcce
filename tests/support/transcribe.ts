import type { MessagePut, SessionPut } from "../../lib/opensync/wire.ts";
import type { Entry, SessionHeader } from "../../lib/session/entry.ts";
import type { TranscriptOptions } from "../../lib/transcript/message.ts";
import { readSessionHead } from "../../lib/transcript/session-head.ts";
import { createTranscript, initialState } from "../../lib/transcript/transcript.ts";

/** Everything of a transcript at once. */
export interface Transcribed {
  messages: MessagePut[];
  session: SessionPut;
  /** Sessions that were completed before the last one. */
  completed: SessionPut[];
}

/** The whole transcript of a session. */
export function transcribe(
  session: { header: SessionHeader; entries: readonly Entry[] },
  options: Partial<TranscriptOptions> = {},
): Transcribed {
  const state = initialState(readSessionHead(session.header, false));
  const transcript = createTranscript(state, { toolCalls: true, thinking: false, ...options });
  const messages: MessagePut[] = [];
  const completed: SessionPut[] = [];
  for (const entry of session.entries) {
    const step = transcript.push(entry);
    messages.push(...step.messages);
    if (step.completed) completed.push(step.completed);
  }
  return { messages, session: transcript.session(), completed };
}

/** Role and text of each message, for reading at a glance. */
export function outline(messages: readonly MessagePut[]): string[] {
  return messages.map(({ role, textContent }) => `${role}: ${textContent ?? ""}`);
}
