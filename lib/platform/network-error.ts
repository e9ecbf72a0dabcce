/** Why a request got no answer: nothing there, nothing in time, or no trust. */
export interface NetworkTrouble {
  kind: "unreachable" | "timeout" | "tls";
  /** The system's or the library's own word for it, such as `ECONNREFUSED`. */
  code: string | undefined;
}

const timeoutCodes = new Set([
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);
// OpenSSL's words for a certificate that does not verify, and what the runtimes add to them.
const tlsCode =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_|HOSTNAME_|EPROTO$)|_CERT/;

/**
 * Tells apart what Node's and Bun's `fetch` reject with. Node wraps the system's error in
 * `cause`; Bun puts the code on the error itself, and in some versions only before a colon in
 * its message. An error that says nothing of the kind counts as unreachable.
 */
export function classifyNetworkError(error: unknown): NetworkTrouble {
  if (error instanceof Error && error.name === "TimeoutError") {
    return { kind: "timeout", code: undefined };
  }
  const code = findCode(error, causesMax);
  if (code === undefined) return { kind: "unreachable", code };
  if (timeoutCodes.has(code)) return { kind: "timeout", code };
  return { kind: tlsCode.test(code) ? "tls" : "unreachable", code };
}

const causesMax = 5;

function findCode(error: unknown, depth: number): string | undefined {
  if (!(error instanceof Error) || depth === 0) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  const fromMessage = /^([A-Z][A-Z0-9_]{3,}): /.exec(error.message)?.[1];
  if (fromMessage !== undefined) return fromMessage;
  // Trying several addresses of one host fails with all their errors; the first says enough.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return findCode(inner, depth - 1);
}
