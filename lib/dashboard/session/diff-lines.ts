/** A line of a diff; `…` stands for lines that are the same and left out. */
export interface DiffLine {
  sign: " " | "+" | "-" | "…";
  text: string;
}

const contextLines = 3;
/** Above this many comparisons a diff is not worth its time: all is removed, all is added. */
export const cellsMax = 1_000_000;

/** What changes from one text to another, line by line, found with `cells` comparisons at the most. */
export function diffLines(before: string, after: string, cells = cellsMax): DiffLine[] {
  const old = toLines(before);
  const fresh = toLines(after);
  const start = countSame(old, fresh);
  const end = countSame(old.slice(start).reverse(), fresh.slice(start).reverse());
  const lines = [
    ...withSign(" ", old.slice(0, start)),
    ...diffMiddle(
      old.slice(start, old.length - end),
      fresh.slice(start, fresh.length - end),
      cells,
    ),
    ...withSign(" ", old.slice(old.length - end)),
  ];
  return foldSame(lines);
}

/** The lines of a text that is a diff already. */
export function readDiff(text: string): DiffLine[] {
  return toLines(text).map((line) => {
    if (/^(?:\+\+\+|---) /.test(line) || line.startsWith("@@")) return { sign: "…", text: line };
    const sign = line[0];
    return sign === "+" || sign === "-"
      ? { sign, text: line.slice(1) }
      : { sign: " ", text: line.replace(/^ /, "") };
  });
}

function toLines(text: string): string[] {
  if (text === "") return [];
  return text.replace(/\r?\n$/, "").split(/\r?\n/);
}

function countSame(a: string[], b: string[]): number {
  const max = Math.min(a.length, b.length);
  let count = 0;
  while (count < max && a[count] === b[count]) count++;
  return count;
}

/** The longest common subsequence, by the table of its lengths. */
function diffMiddle(old: string[], fresh: string[], cells: number): DiffLine[] {
  if (old.length * fresh.length > cells) {
    return [...withSign("-", old), ...withSign("+", fresh)];
  }
  const lengths = commonLengths(old, fresh);
  const width = fresh.length + 1;
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length && j < fresh.length) {
    if (old[i] === fresh[j]) {
      lines.push({ sign: " ", text: old[i] ?? "" });
      i++;
      j++;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) {
      lines.push({ sign: "-", text: old[i++] ?? "" });
    } else {
      lines.push({ sign: "+", text: fresh[j++] ?? "" });
    }
  }
  return [...lines, ...withSign("-", old.slice(i)), ...withSign("+", fresh.slice(j))];
}

/** For every pair of places, how many lines the rests behind them have in common. */
function commonLengths(old: string[], fresh: string[]): Uint32Array {
  const width = fresh.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      const below = lengths[(i + 1) * width + j] ?? 0;
      const right = lengths[i * width + j + 1] ?? 0;
      const diagonal = lengths[(i + 1) * width + j + 1] ?? 0;
      lengths[i * width + j] = old[i] === fresh[j] ? diagonal + 1 : Math.max(below, right);
    }
  }
  return lengths;
}

function withSign(sign: DiffLine["sign"], texts: string[]): DiffLine[] {
  return texts.map((text) => ({ sign, text }));
}

/** Leaves out lines that are the same and far from a change. */
function foldSame(lines: DiffLine[]): DiffLine[] {
  const isKept = new Uint8Array(lines.length);
  for (const [at, { sign }] of lines.entries()) {
    if (sign !== " ") isKept.fill(1, Math.max(0, at - contextLines), at + contextLines + 1);
  }
  const folded: DiffLine[] = [];
  let left = 0;
  for (const [at, line] of lines.entries()) {
    if (isKept[at] === 1) {
      if (left > 0) folded.push(foldOf(left));
      left = 0;
      folded.push(line);
    } else {
      left++;
    }
  }
  if (left > 0) folded.push(foldOf(left));
  return folded;
}

function foldOf(count: number): DiffLine {
  return { sign: "…", text: count === 1 ? "1 line the same" : `${count} lines the same` };
}
