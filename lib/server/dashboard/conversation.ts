import type {
  MessagePage,
  MessageView,
  Prompt,
  SessionDetail,
  SessionSummary,
} from "../../dashboard/api.ts";
import { type Messages, parseMessageId, type StoredMessageRow } from "../messages.ts";
import { messageIdsPerSession } from "../search-index.ts";
import { messageText } from "../text.ts";
import { toMessageView } from "./parts.ts";
import type { PageQuery } from "./query.ts";
import type { SessionList } from "./session-list.ts";

const promptChars = 160;
/** A page of messages ends after so many characters, but for its first message. */
const pageCharsMax = 4_000_000;

/** A session without its messages: its relatives, and where its prompts are. */
export function readDetail(
  session: SessionSummary,
  id: number,
  sessions: SessionList,
  messages: Messages,
): SessionDetail {
  const ids = messages.listIds(id);
  const numbers = new Map(ids.map((messageId, index) => [messageId, index]));
  const resumeCommand = resumeCommandOf(session);
  return {
    session,
    forks: sessions.forksOf(session),
    ...(resumeCommand !== undefined && { resumeCommand }),
    prompts: messages
      .listPrompts(id)
      .map((row) => ({ index: numbers.get(row.id) ?? 0, text: promptText(row) }) satisfies Prompt),
    total: ids.length,
  };
}

/** Some messages of a session. There may be fewer than asked for where they are large. */
export function readMessagePage(
  session: number,
  { offset, limit }: PageQuery,
  total: number,
  messages: Messages,
): MessagePage {
  const rows = messages.listFrom(session, offset, limit, pageCharsMax);
  return {
    messages: rows.map((row, i) => toMessageView(row, offset + i)),
    from: offset,
    total,
  };
}

/** A message of a session, by its id. */
export function readMessage(
  session: number,
  id: string,
  messages: Messages,
): MessageView | undefined {
  const number = parseMessageId(id);
  if (number === undefined || Math.floor(number / messageIdsPerSession) !== session) {
    return undefined;
  }
  const row = messages.find(number);
  return row && toMessageView(row, messages.numberOf(number));
}

/** pi takes a UUID for the id of a session; others it could take for a file. */
function resumeCommandOf({ externalId }: SessionSummary): string | undefined {
  const [, id] =
    /^pi:([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?::part-\d+)?$/i.exec(externalId) ?? [];
  return id && `pi --session ${id}`;
}

function promptText({ parts, textContent }: StoredMessageRow): string {
  // More is not needed even where much of it is white space.
  const start = messageText(parts, textContent).slice(0, 20 * promptChars);
  const line = start.replaceAll(/\s+/g, " ").trim();
  if (line.length <= promptChars) return line;
  return `${line.slice(0, promptChars).replace(/[\ud800-\udbff]$/, "")}…`;
}
