import { expect, test } from "bun:test";
import { classifyNetworkError, type NetworkTrouble } from "../../../lib/platform/network-error.ts";

/** As Node rejects: the system's error is the cause. */
function nodeError(code: string): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error("low"), { code }) });
}

/** As Bun rejects: the code is on the error. */
function bunError(code: string): Error {
  return Object.assign(new TypeError(`${code}: high`), { code });
}

test.each<[string, NetworkTrouble["kind"]]>([
  ["ECONNREFUSED", "unreachable"],
  ["ECONNRESET", "unreachable"],
  ["ENOTFOUND", "unreachable"],
  ["EAI_AGAIN", "unreachable"],
  ["EHOSTUNREACH", "unreachable"],
  ["UND_ERR_SOCKET", "unreachable"],
  ["HPE_INVALID_CONSTANT", "unreachable"],
  ["Z_DATA_ERROR", "unreachable"],
  ["ETIMEDOUT", "timeout"],
  ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "timeout"],
  ["UND_ERR_BODY_TIMEOUT", "timeout"],
  ["CERT_HAS_EXPIRED", "tls"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "tls"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "tls"],
  ["UNKNOWN_CERTIFICATE_VERIFICATION_ERROR", "tls"],
  ["EPROTO", "tls"],
])("%s is %s, from Node and from Bun", (code, kind) => {
  expect(classifyNetworkError(nodeError(code))).toEqual({ kind, code });
  expect(classifyNetworkError(bunError(code))).toEqual({ kind, code });
});

test("a code is found before the colon of a message", () => {
  expect(classifyNetworkError(new TypeError("ECONNRESET: The socket was closed"))).toEqual({
    kind: "unreachable",
    code: "ECONNRESET",
  });
});

test("of several addresses that failed, the first one's error counts", () => {
  const first = Object.assign(new Error("low"), { code: "ETIMEDOUT" });
  const cause = new AggregateError([first, new Error("other")], "all failed");
  expect(classifyNetworkError(new TypeError("fetch failed", { cause }))).toEqual({
    kind: "timeout",
    code: "ETIMEDOUT",
  });
});

test("the time limit of a signal is a timeout", () => {
  expect(classifyNetworkError(new DOMException("late", "TimeoutError")).kind).toBe("timeout");
});

test("an error without a code is unreachable, and a ring of causes ends", () => {
  const ring = new Error("ring");
  ring.cause = ring;
  for (const error of [ring, new Error("what"), "text", undefined, null]) {
    expect(classifyNetworkError(error)).toEqual({ kind: "unreachable", code: undefined });
  }
});
