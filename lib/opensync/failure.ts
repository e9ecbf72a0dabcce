import { AppError, type ErrorCode } from "../errors.ts";
import type { NetworkTrouble } from "../platform/network-error.ts";

/**
 * Why a call to OpenSync failed.
 *
 * - `unreachable`, `timeout`: no answer, or none in time; may pass.
 * - `tls`: the server's certificate is not trusted.
 * - `not-opensync`: something answers, but it is not OpenSync (a web page, a redirect).
 * - `unauthorised`: the API key is not accepted.
 * - `refused`: this request will never work.
 * - `rate-limited`, `server`: OpenSync cannot do it now; may pass.
 */
export type FailureKind =
  | "unreachable"
  | "timeout"
  | "tls"
  | "not-opensync"
  | "unauthorised"
  | "refused"
  | "rate-limited"
  | "server";

/**
 * More about `server` and `refused`.
 *
 * - `conflict`: another write to the same data was faster.
 * - `busy`: the server is overloaded or in trouble.
 * - `unknown`: an error 500 in words that we do not know. OpenSync answers so to a bad request as
 *   well as to trouble of its own, so this may never pass: give up after a few tries.
 * - `split-character`: the server cut its search text within a character. The same message with
 *   its text moved by one place is accepted.
 */
export type FailureReason = "conflict" | "busy" | "unknown" | "split-character";

/** What is known of a failure besides its kind and message. */
export interface FailureDetails {
  reason?: FailureReason;
  /** How long the server asks to wait, in milliseconds. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** A failed call to OpenSync. Its message never holds the API key. */
export class OpenSyncError extends AppError {
  override readonly name = "OpenSyncError";
  readonly kind: FailureKind;
  readonly reason: FailureReason | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(codes[kind], message, { ...hintOption(kind), cause: details.cause });
    this.kind = kind;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Whether the same request may work later without anyone doing something about it. */
export function isRetryable(kind: FailureKind): boolean {
  return (
    kind === "unreachable" || kind === "timeout" || kind === "rate-limited" || kind === "server"
  );
}

/** The failure of a request that got no answer. */
export function networkFailure(
  trouble: NetworkTrouble,
  baseUrl: string,
  cause: unknown,
): OpenSyncError {
  const because = trouble.code === undefined ? "" : ` (${trouble.code})`;
  const message = networkMessages[trouble.kind].replace("%", () => baseUrl);
  return new OpenSyncError(trouble.kind, `${message}${because}.`, { cause });
}

const networkMessages = {
  unreachable: "OpenSync at % could not be reached",
  timeout: "OpenSync at % did not answer in time",
  tls: "No trusted connection to OpenSync at %",
};

const codes: Record<FailureKind, ErrorCode> = {
  unreachable: "network",
  timeout: "network",
  tls: "network",
  "not-opensync": "network",
  unauthorised: "unauthorised",
  refused: "refused",
  "rate-limited": "network",
  server: "network",
};

const hints: Partial<Record<FailureKind, string>> = {
  unreachable: "Check the address, the network, and that the server runs.",
  tls: "Check the address. For a certificate of your own, name its authority's file in NODE_EXTRA_CA_CERTS.",
  "not-opensync":
    "Check the address: https://api.opensync.dev, or https://<deployment>.convex.site for a server of your own.",
  unauthorised:
    "Copy the API key again from OpenSync's settings. A new key there replaces the old one.",
};

function hintOption(kind: FailureKind): { hint?: string } {
  const hint = hints[kind];
  return hint === undefined ? {} : { hint };
}
