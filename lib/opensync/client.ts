import { AppError } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import { classifyErrorText } from "./answer.ts";
import { OpenSyncError } from "./failure.ts";
import {
  type Health,
  readBatch,
  readConversation,
  readHealth,
  readOk,
  readSessions,
  type StoredConversation,
} from "./incoming.ts";
import { assertId, readyMessage, readySession, shiftFirstText } from "./outgoing.ts";
import type { Pace } from "./pace.ts";
import { type Fetch, type Request, send } from "./request.ts";
import { retry, type RetryLimits, type RetryReport } from "./retry.ts";
import type { MessagePut, SessionPut, StoredSession } from "./wire.ts";

/** What a client is made of. */
export interface ClientOptions {
  /** As `resolveBaseUrl` gives it. */
  baseUrl: string;
  apiKey: string;
  /** The runtime's own, which keeps connections open, or a server's handler in the same process. */
  fetch: Fetch;
  clock: Clock;
  /** Limit of one try, from sending to the last byte of the answer. Default 30 seconds. */
  timeoutMs?: number;
  /** Default 6 tries within 2 minutes. */
  retryLimits?: RetryLimits;
  /** Told of each failure that is tried again. */
  onRetry?: (report: RetryReport) => void;
  /** Decides how many writes are in flight; without one, all that are asked for. */
  pace?: Pace;
}

/** For one call. */
export interface CallOptions {
  /** Ends the call, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * OpenSync's HTTP API. Each call rejects with an `OpenSyncError`; the calls that write or read
 * sessions first try again by themselves what may pass.
 */
export interface OpenSyncClient {
  /** Asks once whether OpenSync answers at the address. Needs no key. */
  checkHealth(call?: CallOptions): Promise<Health>;
  /** Asks once whether OpenSync accepts the key. Changes nothing that a person can see. */
  checkKey(call?: CallOptions): Promise<void>;
  /**
   * Creates or updates a session. The server may drop an update that comes within 10 seconds of
   * the last and has the same title; one without a title it stores.
   */
  putSession(session: SessionPut, call?: CallOptions): Promise<void>;
  /** Creates a message or replaces it as a whole. Its session should be there. */
  putMessage(message: MessagePut, call?: CallOptions): Promise<void>;
  /** Changes the title of a session that is there, and keeps it searchable. */
  renameSession(externalId: string, title: string, call?: CallOptions): Promise<void>;
  /** The user's sessions, last written first, at most 8,192 of them. */
  listSessions(call?: CallOptions): Promise<StoredSession[]>;
  /** A session with all its messages. `id` is the server's own, as `listSessions` gives it. */
  getSession(id: string, call?: CallOptions): Promise<StoredConversation>;
}

const defaultTimeoutMs = 30_000;
const defaultRetryLimits: RetryLimits = { triesMax: 6, totalMsMax: 120_000 };
// The slowest connection on which a large message still arrives.
const uploadBytesPerMsMin = 32;
// A list or a session may be 16 MiB of data in Convex, and JSON escapes add to that.
const smallBytesMax = 1024 * 1024;
const largeBytesMax = 64 * 1024 * 1024;
const largeTimeoutFactor = 4;
// The longest array that Convex returns.
const sessionsMax = 8192;

/**
 * Makes a client of one OpenSync server for one user.
 *
 * @throws AppError "config" when the key cannot be one.
 */
export function createOpenSyncClient(options: ClientOptions): OpenSyncClient {
  const { clock, timeoutMs = defaultTimeoutMs, pace } = options;
  const target = { ...options, apiKey: checkedKey(options.apiKey), now: () => clock.now() };

  const once = <T>(path: string, read: Request<T>["read"], call: CallOptions = {}): Promise<T> =>
    send(target, { method: "GET", path, timeoutMs, bytesMax: smallBytesMax, read }, call.signal);

  const repeat = <T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
    retry(attempt, {
      clock,
      limits: options.retryLimits ?? defaultRetryLimits,
      onRetry: options.onRetry,
      signal,
    });

  const getLarge = <T>(
    path: string,
    read: Request<T>["read"],
    { signal }: CallOptions = {},
  ): Promise<T> => {
    const limits = { timeoutMs: timeoutMs * largeTimeoutFactor, bytesMax: largeBytesMax };
    return repeat(() => send(target, { method: "GET", path, ...limits, read }, signal), signal);
  };

  const post = async (
    path: string,
    content: unknown,
    read: (json: unknown) => true | undefined,
    { signal }: CallOptions = {},
  ): Promise<void> => {
    const body = JSON.stringify(content);
    const limits = {
      timeoutMs: timeoutMs + body.length / uploadBytesPerMsMin,
      bytesMax: smallBytesMax,
    };
    const attempt = (): Promise<true> =>
      send(target, { method: "POST", path, body, ...limits, read }, signal);
    await repeat(() => (pace ? pace.run(attempt, signal) : attempt()), signal);
  };

  return {
    checkHealth: (call) => once("/health", readHealth, call),
    checkKey: async (call) => {
      await once("/api/sessions?limit=1", readSessions, call);
    },
    putSession: (session, call) =>
      post("/sync/session", readySession(session, clock.now()), readOk, call),
    putMessage: async (message, call) => {
      const ready = readyMessage(message, clock.now());
      try {
        await post("/sync/message", ready, readOk, call);
      } catch (error) {
        const shifted = isSplitCharacter(error) ? shiftFirstText(ready) : undefined;
        if (shifted === undefined) throw error;
        await post("/sync/message", shifted, readOk, call);
      }
    },
    renameSession: async (externalId, title, call) => {
      assertId(externalId, "session");
      await post("/sync/batch", { sessions: [{ externalId, title }] }, readRenamed, call);
    },
    listSessions: (call) => getLarge(`/api/sessions?limit=${sessionsMax}`, readSessions, call),
    getSession: (id, call) =>
      getLarge(`/api/sessions/get?id=${encodeURIComponent(id)}`, readConversation, call),
  };
}

/** A batch answers 200 whatever happens in it. */
function readRenamed(json: unknown): true | undefined {
  const batch = readBatch(json);
  const [error] = batch?.errors ?? [];
  if (error !== undefined) throw classifyErrorText(error);
  // Zero means that the session had this title, and less than 10 seconds ago.
  return batch !== undefined && batch.sessions <= 1 ? true : undefined;
}

function isSplitCharacter(error: unknown): boolean {
  return error instanceof OpenSyncError && error.reason === "split-character";
}

/** The runtimes quote a value that cannot be a header, and this one is a secret. */
function checkedKey(apiKey: string): string {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return apiKey;
  throw new AppError("config", "The API key is empty or contains characters that no key has.", {
    hint: "Copy the API key again from OpenSync's settings. It starts with osk_.",
  });
}
