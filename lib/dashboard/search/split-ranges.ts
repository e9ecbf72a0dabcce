/** A piece of a text, marked or not. */
export interface Piece {
  text: string;
  isMarked: boolean;
}

/** A text in pieces along `ranges`; what of them lies outside of the text, or overlaps, is left out. */
export function splitRanges(text: string, ranges: [start: number, end: number][]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    const from = Math.max(start, at);
    const to = Math.min(end, text.length);
    if (to <= from) continue;
    if (from > at) pieces.push({ text: text.slice(at, from), isMarked: false });
    pieces.push({ text: text.slice(from, to), isMarked: true });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isMarked: false });
  return pieces;
}
