/**
 * What OpenSync's HTTP API takes and gives: the shapes of `convex/http.ts` in
 * waynesutton/opensync, as they behave (not as the documentation before October 2026 said).
 */

/** Who a message is from. Any other role makes the server answer 500. */
export type Role = "user" | "assistant" | "system" | "tool" | "unknown";

/** A piece of a message. The server refuses the whole message for any further key. */
export interface Part {
  type: "text" | "tool-call" | "tool-result";
  content: unknown;
}

/**
 * Body of `POST /sync/session`. Optional fields are left out, never null. Times are Unix
 * milliseconds, cost is US dollars, tokens are absolute sums for the session.
 */
export interface SessionPut {
  externalId: string;
  title?: string;
  projectPath?: string;
  projectName?: string;
  model?: string;
  provider?: string;
  source?: string;
  promptTokens?: number;
  completionTokens?: number;
  cost?: number;
  durationMs?: number;
  /** Only the call that creates the session can set it. */
  createdAt?: number;
}

/** Body of `POST /sync/message`. Times are Unix milliseconds. */
export interface MessagePut {
  sessionExternalId: string;
  /** Unique over all sessions and users: older servers look messages up by it alone. */
  externalId: string;
  role: Role;
  textContent?: string;
  model?: string;
  promptTokens?: number;
  completionTokens?: number;
  durationMs?: number;
  source?: string;
  createdAt?: number;
  /** Always complete: older servers delete the stored parts when a message comes again. */
  parts?: Part[];
}

/** A session as `GET /api/sessions` lists it. `id` is the server's own id. */
export interface StoredSession {
  id: string;
  externalId: string;
  title?: string;
  projectPath?: string;
  projectName?: string;
  model?: string;
  provider?: string;
  promptTokens: number;
  completionTokens: number;
  totalTokens: number;
  cost: number;
  durationMs?: number;
  isPublic: boolean;
  messageCount: number;
  createdAt: number;
  updatedAt: number;
}

/** A message as `GET /api/sessions/get` gives it, in the order of the page. */
export interface StoredMessage {
  id: string;
  externalId: string;
  role: Role;
  textContent?: string;
  model?: string;
  promptTokens?: number;
  completionTokens?: number;
  durationMs?: number;
  createdAt: number;
  parts: Part[];
}
