import type { StoredMessageRow } from "./messages.ts";
import { formatSessionId, type SessionRow } from "./sessions.ts";
import { messageText } from "./text.ts";

/** A session and its messages. */
export interface Conversation {
  session: SessionRow;
  messages: readonly StoredMessageRow[];
}

/** A message as language models take it. */
export interface ChatMessage {
  role: string;
  content: string;
}

/** Messages of each session that `GET /api/context` gives. */
const contextMessagesMax = 10;
const fileNameCharsMax = 100;

/** A conversation as a Markdown document. */
export function toMarkdown({ session, messages }: Conversation): string {
  const head = [
    `# ${session.title || "Untitled"}`,
    "",
    `- **Project:** ${session.projectPath || "N/A"}`,
    `- **Model:** ${session.model || "N/A"}`,
    `- **Tokens:** ${session.totalTokens}`,
    `- **Cost:** $${session.cost.toFixed(4)}`,
    "",
    "---",
  ];
  const body = messages.flatMap((message) => {
    const heading = message.role === "user" ? "## User" : "## Assistant";
    const text = messageText(message.parts, message.textContent);
    return text ? ["", heading, "", text] : ["", heading];
  });
  return `${[...head, ...body].join("\n")}\n\n`;
}

/** What the messages say, without tools. */
export function toChatMessages(messages: readonly StoredMessageRow[]): ChatMessage[] {
  return messages.map((message) => ({
    role: message.role,
    content: messageText(message.parts, message.textContent),
  }));
}

/** A name for the file of an export: letters, digits and "-" only. */
export function exportFileName(session: SessionRow, extension: string): string {
  const name = session.title?.replaceAll(/[^a-z0-9]/gi, "-").slice(0, fileNameCharsMax);
  return `${name || "session"}.${extension}`;
}

/** The ends of conversations as one text, to be given to a language model. */
export function toContextText(query: string, conversations: readonly Conversation[]): string {
  const texts = conversations.map(({ session, messages }) => {
    const said = toChatMessages(messages.slice(-contextMessagesMax)).map(
      ({ role, content }) => `[${role.toUpperCase()}]\n${content}\n\n`,
    );
    const head = `--- Session: ${session.title || "Untitled"} ---\nProject: ${session.projectPath || "N/A"}\nModel: ${session.model || "N/A"}\n\n`;
    return `${head}${said.join("")}\n`;
  });
  return `Relevant coding sessions for: "${query}"\n\n${texts.join("")}`;
}

/** The ends of conversations as messages that name their session. */
export function toContextMessages(conversations: readonly Conversation[]): object[] {
  return conversations.flatMap(({ session, messages }) => {
    const title = session.title === null ? {} : { sessionTitle: session.title };
    const metadata = { sessionId: formatSessionId(session.id), ...title };
    const said = toChatMessages(messages.slice(-contextMessagesMax));
    return said.map(({ role, content }) => ({ role, content, metadata }));
  });
}
