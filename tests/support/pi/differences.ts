import type { StoredConversation } from "../../../lib/opensync/incoming.ts";
import type { StoredMessage } from "../../../lib/opensync/wire.ts";
import type { TrueMessage, TrueSession } from "./truth.ts";

/** What a server holds, by the external ids of the sessions. */
export type Stored = ReadonlyMap<string, StoredConversation>;

/**
 * What a server holds that differs from the truth, in lines for a person: missing, doubled, phantom
 * and misordered messages, sessions that should or should not be there, and fields that are wrong.
 */
export function listDifferences(truth: readonly TrueSession[], stored: Stored): string[] {
  const lines: string[] = [];
  for (const session of truth) {
    const found = stored.get(session.externalId);
    const differences = found ? compareSession(session, found) : ["is missing"];
    lines.push(...differences.map((line) => `${nameOf(session)}: ${line}`));
  }
  const ids = new Set(truth.map(({ externalId }) => externalId));
  for (const [id, { session, messages }] of stored) {
    if (ids.has(id)) continue;
    lines.push(`phantom session ${id} "${session.title}" with ${messages.length} messages`);
  }
  return lines;
}

function nameOf({ externalId, title }: TrueSession): string {
  return `${externalId.slice(0, 11)} "${title}"`;
}

function compareSession(truth: TrueSession, { session, messages }: StoredConversation): string[] {
  const { messages: said, title, cost, externalId, ...fields } = truth;
  return [
    ...compareTitle(title, session.title ?? ""),
    ...compareFields(fields, { ...session }),
    ...(Math.abs(session.cost - cost) < 1e-9 ? [] : [`cost is ${session.cost}, not ${cost}`]),
    ...(session.messageCount === said.length
      ? []
      : [`messageCount is ${session.messageCount}, not ${said.length}`]),
    ...compareMessages(said, messages),
  ];
}

/** A title that is cut says so. */
function compareTitle(title: string, stored: string): string[] {
  const isCut = stored.endsWith("…") && title.startsWith(stored.slice(0, -1));
  return stored === title || (title.length > 80 && isCut)
    ? []
    : [`title is "${stored}", not "${title}"`];
}

function compareFields(truth: Record<string, unknown>, stored: Record<string, unknown>): string[] {
  return Object.entries(truth)
    .filter(([name, value]) => stored[name] !== value)
    .map(([name, value]) => `${name} is ${String(stored[name])}, not ${String(value)}`);
}

function compareMessages(truth: TrueMessage[], stored: StoredMessage[]): string[] {
  const expected = new Map(truth.map((message) => [message.externalId, message]));
  const found = new Map<string, StoredMessage>();
  const lines: string[] = [];
  for (const message of stored) {
    const { externalId } = message;
    const twin = truth.find((other) => other.externalId !== externalId && isTwin(other, message));
    if (found.has(externalId)) lines.push(`doubled ${show(message)}`);
    else if (!expected.has(externalId)) {
      lines.push(`${twin ? `doubled, as ${externalId},` : "phantom"} ${show(message)}`);
    }
    found.set(externalId, message);
  }
  for (const message of truth) {
    const other = found.get(message.externalId);
    if (!other) lines.push(`missing ${show(message)}`);
    else lines.push(...compareMessage(message, other));
  }
  return [...lines, ...compareOrder([...expected.keys()], [...found.keys()], found)];
}

function isTwin(truth: TrueMessage, { role, textContent = "" }: StoredMessage): boolean {
  return truth.role === role && truth.text === textContent;
}

function compareMessage(truth: TrueMessage, stored: StoredMessage): string[] {
  const { text, tools, externalId, ...fields } = truth;
  const storedText = stored.textContent ?? "";
  const storedTools = toolsOf(stored);
  return [
    ...(storedText.startsWith(text) && (storedText !== "") === (text !== "")
      ? []
      : [`text is ${JSON.stringify(storedText)}, not ${JSON.stringify(text)}`]),
    ...(storedTools.join() === tools.join()
      ? []
      : [`tools are [${storedTools.join()}], not [${tools.join()}]`]),
    ...compareFields(fields, { ...stored }),
  ].map((line) => `in ${show(truth)}: ${line}`);
}

/** Name and call id of each tool in a message. */
function toolsOf({ parts }: StoredMessage): string[] {
  return parts
    .filter(({ type }) => type !== "text")
    .map(({ content }) => {
      const { name, toolCallId } = content as { name: string; toolCallId: string };
      return `${name} ${toolCallId}`;
    });
}

/** Names the first message that stands before one that it should stand behind. */
function compareOrder(
  expected: string[],
  stored: string[],
  messages: ReadonlyMap<string, StoredMessage>,
): string[] {
  const held = new Set(stored);
  const order = expected.filter((id) => held.has(id));
  const shown = stored.filter((id) => order.includes(id));
  const at = order.findIndex((id, index) => shown[index] !== id);
  if (at < 0) return [];
  const [due, found] = [order[at]!, shown[at]!].map((id) => show(messages.get(id)!));
  return [`out of order from message ${at + 1} on: ${found} stands before ${due}`];
}

/** A message at a glance. */
function show(message: TrueMessage | StoredMessage): string {
  const text = ("text" in message ? message.text : message.textContent) ?? "";
  const tools = "tools" in message ? message.tools : toolsOf(message);
  return `${message.role} ${JSON.stringify((text || tools.join()).slice(0, 60))}`;
}
