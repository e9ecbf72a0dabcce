import type { OpenSyncClient } from "../opensync/client.ts";
import type { StoredConversation } from "../opensync/incoming.ts";
import type { MessagePut, SessionPut, StoredMessage } from "../opensync/wire.ts";
import type { Sink } from "./delivery.ts";

/** The calls of a client that read. */
export type Reader = Pick<OpenSyncClient, "listSessions" | "getSession">;

/**
 * A sink that looks at what the server has first and passes on to `sink` only what is missing there
 * or differs. Times are not compared: no server changes them.
 */
export function verifyingSink(reader: Reader, sink: Sink, signal?: AbortSignal): Sink {
  let listed: Promise<Map<string, string>> | undefined;
  const held = new Map<string, Promise<Held | undefined>>();

  const fetchHeld = async (externalId: string): Promise<Held | undefined> => {
    listed ??= listIds(reader, signal);
    const id = (await listed).get(externalId);
    return id === undefined ? undefined : toHeld(await reader.getSession(id, { signal }));
  };
  const hold = (externalId: string): Promise<Held | undefined> => {
    const known = held.get(externalId) ?? fetchHeld(externalId);
    held.set(externalId, known);
    return known;
  };

  return {
    async putSession(put) {
      const stored = await hold(put.externalId);
      if (!stored) return sink.putSession(put);
      const { title, ...facts } = put;
      const { title: storedTitle } = stored.session;
      // A call with another title would cost the session its search text.
      const isRenamed = title !== undefined && title !== storedTitle;
      if (isRenamed) await sink.renameSession(put.externalId, title);
      if (isSameSession(facts, stored)) return isRenamed;
      return sink.putSession(facts);
    },
    async putMessage(put) {
      const stored = (await hold(put.sessionExternalId))?.messages.get(put.externalId);
      return stored !== undefined && isSameMessage(put, stored) ? false : sink.putMessage(put);
    },
    renameSession: (externalId, title) => sink.renameSession(externalId, title),
  };
}

/** A session that the server holds. */
interface Held {
  session: StoredConversation["session"];
  messages: Map<string, StoredMessage>;
}

function toHeld({ session, messages }: StoredConversation): Held {
  return { session, messages: new Map(messages.map((message) => [message.externalId, message])) };
}

async function listIds(reader: Reader, signal?: AbortSignal): Promise<Map<string, string>> {
  const sessions = await reader.listSessions({ signal });
  return new Map(sessions.map(({ externalId, id }) => [externalId, id]));
}

/** Whether the server would change nothing. It does not tell a session's source. */
function isSameSession(put: SessionPut, { session }: Held): boolean {
  const { createdAt, source, externalId, ...facts } = put;
  return Object.entries(facts).every(([name, value]) => {
    // To the server, no tokens means that they were not sent.
    const isUnset = value === 0 && name.endsWith("Tokens");
    return isUnset || session[name as keyof typeof session] === value;
  });
}

function isSameMessage(put: MessagePut, stored: StoredMessage): boolean {
  return (
    put.role === stored.role &&
    put.textContent === stored.textContent &&
    put.model === stored.model &&
    put.promptTokens === stored.promptTokens &&
    put.completionTokens === stored.completionTokens &&
    canonicalJson(put.parts ?? []) === canonicalJson(stored.parts)
  );
}

/** Servers give the fields of objects back in an order of their own. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
