/**
 * What the dashboard's page and the embedded server say to each other, below `/dashboard/api/`. Every
 * request but `login` carries `Authorization: Bearer <token>`; every answer is JSON, errors
 * `{"error": "…"}`. Times are Unix milliseconds. All texts come from sessions and are hostile.
 *
 * | request | answer |
 * |---|---|
 * | `POST login` with `LoginRequest` | `Login`; 401 where the link is used up or too old |
 * | `POST links` (with the API key instead of a token) | `LoginLink` |
 * | `GET sessions?…SessionQuery` | `SessionPage` |
 * | `GET facets` | `Facets` |
 * | `GET sessions/<id>` | `SessionDetail`; 404 |
 * | `GET sessions/<id>/messages?from&limit` | `MessagePage` |
 * | `GET sessions/<id>/messages/<message id>` | its `MessageView`; 404 |
 * | `DELETE sessions/<id>` | `{}` |
 * | `GET sessions/<id>/export?format=markdown\|json\|jsonl` | the file |
 * | `GET search?q&…SessionQuery filters&limit` | `SearchPage` |
 * | `GET overview?from&to` | `Overview` |
 * | `GET events` | `ServerEvent`s, one JSON document a line, as they happen; an empty line now and then |
 */

/** What the link of a person holds. */
export interface LoginRequest {
  /** From the address, behind `#login=`. It is good once, and for some minutes. */
  link: string;
}

/** A person's way in, kept by the page for this origin. */
export interface Login {
  token: string;
  expiresAt: number;
}

/** An address that lets a person in, once. */
export interface LoginLink {
  url: string;
}

const sortFields = ["time", "title", "project", "model", "messages", "tokens", "cost"] as const;

/** What a list can be sorted by. */
export type SortField = (typeof sortFields)[number];

/** The field that a word names; undefined where it names none. */
export function parseSortField(word: string | null): SortField | undefined {
  return sortFields.find((field) => field === word);
}

/** Which sessions, and in what order. */
export interface SessionQuery {
  project?: string;
  model?: string;
  source?: string;
  /** Sessions with something in this time: from (included) and to (excluded). */
  from?: number;
  to?: number;
  sort?: SortField;
  /** The default is the newest, the largest, or A first. */
  isReversed?: boolean;
  offset?: number;
  limit?: number;
}

/** A session in a list. */
export interface SessionSummary {
  /** `ses_42`. */
  id: string;
  /** As the client named it: `pi:<uuid>` from pi. */
  externalId: string;
  title: string;
  projectPath: string;
  projectName: string;
  model: string;
  provider: string;
  /** The plugin that sent it: `pi`, `claude-code`, … */
  source: string;
  messages: number;
  promptTokens: number;
  completionTokens: number;
  cost: number;
  createdAt: number;
  /** When its last message was written. */
  lastMessageAt: number;
  isSubagent: boolean;
  /** What it was forked from, where that is known here. */
  parent?: SessionLink;
}

/** A session that another one leads to. */
export interface SessionLink {
  id: string;
  title: string;
}

export interface SessionPage {
  sessions: SessionSummary[];
  /** All that fit the query. */
  total: number;
}

/** What can be filtered by, the most used first. */
export interface Facets {
  projects: Facet[];
  models: Facet[];
  sources: Facet[];
}

export interface Facet {
  value: string;
  sessions: number;
}

/** A session, and where its prompts are. */
export interface SessionDetail {
  session: SessionSummary;
  forks: SessionLink[];
  /** How `pi` resumes it; absent for other sources. */
  resumeCommand?: string;
  /** The person's prompts, in order. */
  prompts: Prompt[];
  /** Messages in all; their numbers are 0 to total - 1. */
  total: number;
}

export interface Prompt {
  /** The number of its message. */
  index: number;
  /** Its beginning, on one line. */
  text: string;
}

export interface MessagePage {
  /** In order; the first has the number `from`. */
  messages: MessageView[];
  from: number;
  total: number;
}

/** A message as the page shows it. */
export interface MessageView {
  /** For the address: `#m-<id>`. */
  id: string;
  index: number;
  role: "user" | "assistant" | "tool" | "system" | "unknown";
  createdAt: number;
  model?: string;
  promptTokens?: number;
  completionTokens?: number;
  parts: PartView[];
}

/** A part of a message. */
export type PartView =
  | { kind: "text"; text: string }
  | { kind: "thinking"; text: string }
  | { kind: "tool-call"; callId: string; name: string; args: unknown }
  | { kind: "tool-result"; callId: string; name: string; result: string; isError: boolean }
  /** A branch was left, or what came before was summarised. */
  | { kind: "mark"; mark: "branch" | "compaction"; title: string; text: string }
  | { kind: "image"; text: string }
  | { kind: "other"; type: string; content: unknown };

export interface SearchPage {
  hits: SearchHit[];
  /** There are more than were looked at. */
  isCut: boolean;
  /** How long the server took. */
  tookMs: number;
}

/** A message, or a title, that has all the words. */
export interface SearchHit {
  session: SessionSummary;
  /** Undefined where only the title has them. */
  message?: { id: string; index: number; role: MessageView["role"]; createdAt: number };
  /** Some text around the words; where they are, in UTF-16 units. */
  excerpt: string;
  ranges: [start: number, end: number][];
}

/** Sums of what was used. */
export interface Overview {
  totals: Usage & { messages: number };
  /** Days of the person's time zone, `2026-11-21`, without gaps between the first and the last. */
  days: (Usage & { day: string })[];
  models: (Usage & { model: string })[];
  projects: (Usage & { project: string })[];
  tools: { name: string; calls: number }[];
  mostExpensive: SessionSummary[];
}

export interface Usage {
  sessions: number;
  promptTokens: number;
  completionTokens: number;
  cost: number;
}

/** What changed at the server. */
export type ServerEvent =
  | { kind: "session"; id: string; messages: number; lastMessageAt: number }
  | { kind: "deleted"; id: string };
