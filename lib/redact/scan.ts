import type { DictionaryEntry } from "./dictionary.ts";
import type { Rule } from "./rules.ts";

/** Where a secret stands in a text, in UTF-16 units. */
export interface SecretRange {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /** The secret itself; for an encoded one, what it says when decoded. */
  readonly secret: string;
  /** As its rule says; the dictionary is sure. */
  readonly confidence: Rule["confidence"];
  /** Where several overlap, the least names the finding. */
  readonly rank: number;
}

/** Finds all secrets of a text, in no order; they may overlap. */
export type Scanner = (text: string) => SecretRange[];

/** A literal to look for, and how to tell what stands where it begins. */
interface Needle {
  readonly literal: string;
  readonly rank: number;
  readonly locate: (text: string, at: number) => Omit<SecretRange, "rank"> | undefined;
  readonly accepts: (secret: string) => boolean;
}

/**
 * Makes a scanner for a dictionary and rules. It passes once over the text, whatever their number,
 * and tries at each place only the few that have the three characters that stand there.
 */
export function createScanner(
  dictionary: readonly DictionaryEntry[],
  rules: readonly Rule[],
): Scanner {
  const index = buildIndex([...dictionary.map(entryNeedle), ...rules.flatMap(ruleNeedles)]);
  return (text) => {
    const ranges: SecretRange[] = [];
    const seenUntil = new Map<number, number>();
    let at = findCandidate(text, 0, index.filter);
    for (; at >= 0; at = findCandidate(text, at + 1, index.filter)) {
      for (const { needle, offset } of index.needles.get(hashAt(text, at)) ?? []) {
        const { literal, rank } = needle;
        const start = at - offset;
        if (start < (seenUntil.get(rank) ?? 0) || !text.startsWith(literal, start)) continue;
        const range = needle.locate(text, start);
        if (range === undefined) continue;
        seenUntil.set(rank, range.end);
        if (needle.accepts(range.secret)) ranges.push({ ...range, rank });
      }
    }
    return ranges;
  };
}

/** Needles by the hash of three characters of theirs, and a quick look at which hashes exist. */
interface NeedleIndex {
  readonly filter: Uint8Array;
  readonly needles: Map<number, { needle: Needle; offset: number }[]>;
}

/** Six bits of each character; a filter of more would not stay in the processor's cache. */
const hashMask = 0x3ffff;

function buildIndex(all: readonly Needle[]): NeedleIndex {
  const index: NeedleIndex = { filter: new Uint8Array(hashMask + 1), needles: new Map() };
  for (const needle of all) {
    const offset = findRarest(needle.literal, index);
    const hash = hashAt(needle.literal, offset);
    index.filter[hash] = 1;
    index.needles.set(hash, [...(index.needles.get(hash) ?? []), { needle, offset }]);
  }
  return index;
}

/** Where a literal differs from the others: a hundred keys of one vendor begin alike. */
function findRarest(literal: string, { needles }: NeedleIndex): number {
  const sharing = (offset: number): number => needles.get(hashAt(literal, offset))?.length ?? 0;
  let rarest = 0;
  for (let offset = 1; offset + 3 <= literal.length && sharing(rarest) > 0; offset++) {
    if (sharing(offset) < sharing(rarest)) rarest = offset;
  }
  return rarest;
}

function hashAt(text: string, at: number): number {
  return (
    ((text.charCodeAt(at) << 12) ^ (text.charCodeAt(at + 1) << 6) ^ text.charCodeAt(at + 2)) &
    hashMask
  );
}

/** Where the next needle may begin, else -1. The hash of three characters is rolled on, not made anew. */
function findCandidate(text: string, from: number, filter: Uint8Array): number {
  let hash = (text.charCodeAt(from) << 6) ^ text.charCodeAt(from + 1);
  for (let at = from + 2; at < text.length; at++) {
    hash = ((hash << 6) ^ text.charCodeAt(at)) & hashMask;
    if (filter[hash] === 1) return at - 2;
  }
  return -1;
}

/** The dictionary knows exactly, so it names what it finds before any rule does. */
function entryNeedle(entry: DictionaryEntry, index: number, all: readonly unknown[]): Needle {
  const { literal, kind, secret, edges } = entry;
  return {
    literal,
    rank: index - all.length,
    accepts: () => true,
    locate: (text, at) => {
      const start = edges.before && isBase64(text, at - 1) ? at - 1 : at;
      let end = at + literal.length;
      if (edges.after && isBase64(text, end)) end++;
      while (edges.after && text[end] === "=") end++;
      return { start, end, kind, secret, confidence: "high" };
    },
  };
}

function isBase64(text: string, at: number): boolean {
  return /[\w+/-]/.test(text.charAt(at));
}

function ruleNeedles(rule: Rule, rank: number): Needle[] {
  const { id, pattern, group, hints, confidence, accepts } = rule;
  const locate: Needle["locate"] = (text, at) => {
    pattern.lastIndex = at;
    const [start, end] = pattern.exec(text)?.indices?.[group] ?? [0, 0];
    if (start === end) return undefined;
    return { start, end, kind: id, secret: text.slice(start, end), confidence };
  };
  return hints.map((literal) => ({ literal, rank, locate, accepts }));
}
