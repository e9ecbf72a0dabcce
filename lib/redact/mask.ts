import { createHmac } from "node:crypto";
import type { Scanner, SecretRange } from "./scan.ts";

/** A text with markers in place of its secrets, and what they were, in order of discovery. */
export interface MaskedText {
  readonly text: string;
  readonly secrets: readonly SecretRange[];
}

/** A marker, as another pass finds it. It stays, unless a secret sticks out of it. */
const markerPattern = /\[redacted:[a-z0-9-]{1,100}(?:#[0-9a-f]{4})?\]/g;

/** Taking a secret out can reveal the next one beside it. A chain longer than this is no accident. */
const passesMax = 8;

/** Replaces what the scanner finds until it finds nothing more, so that doing it again changes nothing. */
export function maskText(text: string, scan: Scanner, salt: string | undefined): MaskedText {
  const secrets: SecretRange[] = [];
  for (let pass = 0; pass < passesMax; pass++) {
    const found = resolveOverlaps(text, scan(text));
    if (found.length === 0) break;
    secrets.push(...found);
    text = replaceRanges(text, found, salt);
  }
  return { text, secrets };
}

/**
 * Joins what overlaps, so that no part of a secret stays; the finding of the least rank names the
 * whole. Markers take part, and what adds nothing to them is dropped.
 */
function resolveOverlaps(text: string, found: SecretRange[]): SecretRange[] {
  if (found.length === 0) return found;
  const ranges = [...found, ...findMarkers(text)].sort((a, b) => a.start - b.start);
  const joined: SecretRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last === undefined || range.start >= last.end) joined.push(range);
    else joined[joined.length - 1] = join(last, range);
  }
  return joined.filter(({ rank }) => rank !== markerRank);
}

const markerRank = Infinity;

function findMarkers(text: string): SecretRange[] {
  return Array.from(text.matchAll(markerPattern), ({ index, 0: marker }) => ({
    start: index,
    end: index + marker.length,
    kind: "",
    secret: marker,
    confidence: "high",
    rank: markerRank,
  }));
}

function join(first: SecretRange, second: SecretRange): SecretRange {
  const [start, end] = [first.start, Math.max(first.end, second.end)];
  const marker = [first, second].find(({ rank }) => rank === markerRank);
  if (marker?.start === start && marker.end === end) return marker;
  return { ...(second.rank < first.rank ? second : first), start, end };
}

function replaceRanges(text: string, ranges: SecretRange[], salt: string | undefined): string {
  let [masked, at] = ["", 0];
  for (const { start, end, kind, secret } of ranges) {
    masked += `${text.slice(at, start)}[redacted:${kind}${tagOf(secret, salt)}]`;
    at = end;
  }
  return masked + text.slice(at);
}

function tagOf(secret: string, salt: string | undefined): string {
  if (salt === undefined) return "";
  return `#${createHmac("sha256", salt).update(secret).digest("hex").slice(0, 4)}`;
}
