/**
 * Whether sessions are sent as they go on.
 *
 * - `open`: yes.
 * - `paused`: the person asked to wait.
 * - `offline`: pi was told to leave the network alone.
 * - `off`: no, and nothing is kept for later.
 */
export type Gate = "open" | "paused" | "offline" | "off";

/** What is to be said of a failure, without a key in it. */
export interface Failure {
  message: string;
  hint?: string | undefined;
  /** The server took the request and did not answer in time. */
  isTimeout: boolean;
}

/** How it stands with the session that goes on; all that a user interface shows. */
export interface LiveState {
  gate: Gate;
  /**
   * - `well`: as far as is known, the server takes what it is sent.
   * - `sending`: and that takes long enough to be worth showing.
   * - `offline`: it does not, and it is tried again by itself.
   * - `refused`: the key is not accepted, which somebody has to see to.
   * - `failed`: something is wrong on this machine.
   */
  phase: "well" | "sending" | "offline" | "refused" | "failed";
  /** Messages of this session that the server does not have yet. */
  waiting: number;
  /** Other sessions that something is left of. */
  elsewhere: number;
  /** Secrets that were replaced in what was sent of this session since it was opened. */
  redacted: number;
  /** Why the session is not sent, where it is not. */
  skipped?: string | undefined;
  /** What went wrong last, until it went well again. */
  failure?: Failure | undefined;
  /** When the server last took something, and had all of the session then; in Unix milliseconds. */
  lastSuccessAt?: number;
}

/** How it stands before anything was tried. */
export function startState(gate: Gate): LiveState {
  return { gate, phase: "well", waiting: 0, elsewhere: 0, redacted: 0 };
}
