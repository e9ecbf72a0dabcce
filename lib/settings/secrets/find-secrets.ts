import { createHash } from "node:crypto";

import { showStart } from "../../redact/redact.ts";
import type { Scanner, SecretRange } from "../../redact/scan.ts";
import { judgeJson } from "./json-secrets.ts";
import { readTexts } from "./read-text.ts";

/** What may be a secret in a file that is about to leave this machine. */
export interface SecretFinding {
  /** By which a person allows it: the same as long as file, rule and secret are. */
  readonly id: string;
  readonly path: string;
  /** Counted from 1; of a file that is no text, by its bytes. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  /** What it is, such as `github-token`, or `password`. */
  readonly rule: string;
  /** High: it is one of this person's, has a vendor's own shape, or is the value of a key for secrets. */
  readonly confidence: SecretRange["confidence"];
  /** At most its first four characters, and `…`. */
  readonly start: string;
}

/**
 * Searches a file for secrets, by what it holds and never by its name: the values of JSON by their
 * keys, then everything by the scanner. Where several overlap, there is one finding. In order of
 * their places.
 */
export function findSecretsInFile(
  path: string,
  content: Uint8Array,
  { scanner }: { scanner: Scanner },
): SecretFinding[] {
  const readings = readTexts(content);
  const lines = readings[0]?.text ?? "";
  const findings: SecretFinding[] = [];
  for (const { text, toPlace } of readings) {
    for (const { start, end, kind, confidence } of joinOverlaps(searchText(text, scanner))) {
      const secret = text.slice(start, end);
      findings.push({
        id: identify(kind, path, secret),
        path,
        ...locate(lines, toPlace(start)),
        rule: kind,
        confidence,
        start: showStart(secret),
      });
    }
  }
  return findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** Findings that are in the way, and those that a person allows by their ids. */
export function splitByAllowed(
  findings: readonly SecretFinding[],
  allow: readonly string[],
): { open: SecretFinding[]; allowed: SecretFinding[] } {
  const ids = new Set(allow);
  return {
    open: findings.filter(({ id }) => !ids.has(id)),
    allowed: findings.filter(({ id }) => ids.has(id)),
  };
}

function searchText(text: string, scanner: Scanner): SecretRange[] {
  const { secrets, references } = judgeJson(text);
  // A rule that goes by names does not know that `!command` is none.
  const isReference = ({ start, confidence }: SecretRange): boolean =>
    confidence === "medium" && references.has(start);
  return [...secrets, ...scanner(text).filter((range) => !isReference(range))];
}

/** The least rank names what is found in one place, and the highest confidence counts. */
function joinOverlaps(ranges: readonly SecretRange[]): SecretRange[] {
  const joined: SecretRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last === undefined || range.start >= last.end) joined.push(range);
    else joined[joined.length - 1] = join(last, range);
  }
  return joined;
}

function join(first: SecretRange, second: SecretRange): SecretRange {
  const isSure = first.confidence === "high" || second.confidence === "high";
  return {
    ...(second.rank < first.rank ? second : first),
    start: first.start,
    end: Math.max(first.end, second.end),
    confidence: isSure ? "high" : "medium",
  };
}

function identify(rule: string, path: string, secret: string): string {
  const text = JSON.stringify([rule, path, secret]);
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function locate(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
}
