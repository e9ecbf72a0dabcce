import { type FailureDetails, OpenSyncError } from "./failure.ts";
import { readRetryAfter } from "../platform/retry-after.ts";

/** What a server sent back, read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

/**
 * The failure that an answer means, or undefined when it is a success. `nowMs` is for a
 * `Retry-After` that names a date.
 *
 * OpenSync itself says 400, 401 and 404 with `{"error": …}` and 500 for everything else, bad
 * requests included; Convex below it and proxies before it add 429, 5xx and web pages.
 */
export function classifyAnswer(answer: Answer, nowMs: number): OpenSyncError | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) return redirected(answer);
  const retryAfterMs = readRetryAfter(answer.headers, nowMs);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  const said = errorField(answer.body) ?? "";
  const words = summarise(said);
  if (status === 429) {
    return new OpenSyncError(
      "rate-limited",
      say("OpenSync asks for fewer requests", status, words),
      wait,
    );
  }
  if (status === 500) return classifyErrorText(answer.body, wait);
  if (
    status > 500 ||
    status === 408 ||
    status === 425 ||
    said.includes("API key validation failed")
  ) {
    return new OpenSyncError("server", say("OpenSync is in trouble", status, words), {
      reason: "busy",
      ...wait,
    });
  }
  if (status === 401 || (status === 403 && said !== "")) {
    return new OpenSyncError(
      "unauthorised",
      say("OpenSync does not accept the API key", status, words),
    );
  }
  // A request that is too large may be turned away by a proxy, in its own words.
  if (status === 413 || said !== "") return refused(status, words);
  return new OpenSyncError(
    "not-opensync",
    `The answer is not from OpenSync's API (HTTP ${status}).`,
  );
}

/**
 * The failure that the text of an error 500, or of an error inside a batch's answer, means.
 * OpenSync's only sign of whether a repetition can help is what the text says.
 */
export function classifyErrorText(body: string, details: FailureDetails = {}): OpenSyncError {
  const text = withoutEcho(errorField(body) ?? body);
  const words = summarise(text);
  if (splitCharacter.test(text)) return refused(500, words, { reason: "split-character" });
  if (permanent.test(text)) return refused(500, words);
  const reason = conflict.test(text) ? "conflict" : busy.test(text) ? "busy" : "unknown";
  return new OpenSyncError("server", say("OpenSync failed", 500, words), { reason, ...details });
}

const splitCharacter = /surrogate|invalid json/i;
const permanent =
  /ArgumentValidationError|validator|SyntaxError|TypeError|Field name|too large|too long|too nested|too many fields|does not match|in a single function execution/i;
const conflict = /Documents read from or written to|changed while this mutation/i;
const busy =
  /couldn't be completed|Too many writes per second|Too many concurrent requests|TooManyConcurrentRequests|timed out|overloaded/i;

const wordsMax = 300;

/** A server's words, fit for one line of a terminal or log: short, and nothing but text. */
function summarise(text: string): string {
  const line = withoutEcho(text)
    .replace(/\n\s*at .*$/s, "")
    // A server may repeat the key that it was sent.
    .replaceAll(/osk_[\w-]+|(?<=\bBearer\s+)\S+/gi, "…")
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim();
  return line.length > wordsMax ? `${line.slice(0, wordsMax).toWellFormed()}…` : line;
}

/** Convex repeats the refused value, which is somebody's message, in what it says. */
function withoutEcho(text: string): string {
  return text.split(/\b(?:Object|Value|Validator): |original object |, "/, 1)[0] ?? "";
}

function errorField(body: string): string | undefined {
  const json = parseJson(body);
  if (typeof json !== "object" || json === null) return undefined;
  const said = "error" in json ? json.error : undefined;
  return typeof said === "string" ? said : undefined;
}

/** What a text holds as JSON; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function say(what: string, status: number, words: string): string {
  return words === "" ? `${what} (HTTP ${status}).` : `${what} (HTTP ${status}): ${words}`;
}

function refused(status: number, words: string, details?: FailureDetails): OpenSyncError {
  return new OpenSyncError("refused", say("OpenSync refused the request", status, words), details);
}

function redirected({ headers, status }: Answer): OpenSyncError {
  const location = headers.get("location") ?? "";
  const to = URL.canParse(location) ? ` to ${new URL(location).origin}` : "";
  return new OpenSyncError("not-opensync", `The address redirects${to} (HTTP ${status}).`);
}
