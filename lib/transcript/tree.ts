import type { Entry } from "../session/entry.ts";
import { asRecord, asString } from "../session/value.ts";
import { contentText, excerpt, withoutControls } from "./text.ts";

const excerptCharsMax = 60;

/** What is kept of an entry to be able to say later where the conversation went back to. */
interface Place {
  parent: string | null | undefined;
  said: string;
}

/**
 * The tree of a session's entries. pi appends every entry to the file and links it to the entry
 * that it follows; after `/tree` that is no longer the one before it in the file.
 */
export interface EntryTree {
  /** Takes the next entry of the file in; gives the marker of a jump where it is one. */
  add(entry: Entry): string | undefined;
  /** The id of the last entry. */
  readonly leaf: string | null;
}

/** The tree of a resumed session does not know the entry that is asked for: read from the start. */
export class HistoryNeeded extends Error {
  override readonly name = "HistoryNeeded";
}

/**
 * Starts a tree at the beginning of a session, or behind the entry with the id `leaf`, where the
 * entries before it are not known: a jump then throws `HistoryNeeded`.
 */
export function createEntryTree(leaf: string | null = null, complete = true): EntryTree {
  const places = new Map<string, Place>();
  const labels = new Map<string, string>();
  let last = leaf;

  const describe = (id: string): string => {
    let at: string | null | undefined = id;
    for (let steps = 0; at && steps < places.size; steps++) {
      const place = places.get(at);
      if (place?.said) {
        return withoutControls(`[went back to ${place.said}${labelOf(labels, id, at)}]`);
      }
      at = place?.parent;
    }
    return `[went back to the start${labelOf(labels, id)}]`;
  };

  const jumpTo = (parent: string | null): string | undefined => {
    if (parent === null) return "[went back to the start]";
    // A fork leaves its parent's labels out, so an entry behind a label follows nothing here.
    return places.has(parent) ? describe(parent) : undefined;
  };

  return {
    get leaf() {
      return last;
    },
    add(entry) {
      const { id, parentId } = entry;
      if (typeof id !== "string") return undefined;
      const isJump = parentId !== undefined && last !== null && parentId !== last;
      if (isJump && !complete) throw new HistoryNeeded();
      const marker = isJump ? jumpTo(parentId) : undefined;
      if (complete) places.set(id, { parent: parentId, said: detach(saidBy(entry)) });
      setLabel(labels, entry);
      last = id;
      return marker;
    },
  };
}

/** A copy that does not keep the long text alive that it was cut from. */
function detach(text: string): string {
  return Buffer.from(text).toString();
}

function setLabel(labels: Map<string, string>, entry: Entry): void {
  const target = asString(entry["targetId"]);
  if (entry.type !== "label" || target === undefined) return;
  const label = asString(entry["label"]);
  if (label) labels.set(target, excerpt(label, excerptCharsMax));
  else labels.delete(target);
}

function labelOf(labels: Map<string, string>, ...ids: string[]): string {
  const label = ids.map((id) => labels.get(id)).find((found) => found !== undefined);
  return label === undefined ? "" : `, labelled "${label}"`;
}

function saidBy(entry: Entry): string {
  const message = asRecord(entry["message"]);
  const summary = asString(entry["summary"]) ?? asString(message?.["summary"]);
  if (summary !== undefined) return quote("the summary", summary);
  if (entry.type === "custom_message") return quote("the note", contentText(entry["content"]));
  if (entry.type !== "message" || !message) return "";
  switch (message["role"]) {
    case "user":
      return quote("the prompt", contentText(message["content"]));
    case "assistant":
      return quote("the answer", contentText(message["content"]));
    case "toolResult":
      return `a result of ${asString(message["toolName"]) ?? "a tool"}`;
    case "bashExecution":
      return quote("the command", asString(message["command"]) ?? "");
    default:
      return "";
  }
}

function quote(what: string, text: string): string {
  const words = excerpt(text, excerptCharsMax);
  return words ? `${what} "${words}"` : what;
}
