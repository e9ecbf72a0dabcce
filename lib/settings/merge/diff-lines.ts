/** Lines that were replaced: `from` up to before `to` of the old text by such lines of the new one. */
export interface Change {
  from: number;
  to: number;
  newFrom: number;
  newTo: number;
}

/**
 * More removed and added lines than this count as a replacement of everything between the first
 * and the last change. Memory grows with the square of this, time with its product with the lines.
 */
const editsMax = 2000;

/**
 * What changed between two texts, in order; at least one line that stayed is between two changes.
 * This is the greedy algorithm of Myers, "An O(ND) Difference Algorithm" (1986).
 */
export function diffLines(before: readonly string[], after: readonly string[]): Change[] {
  const start = countEqual(before, after, (index) => index);
  const end = countEqual(before.slice(start), after.slice(start), (index) => -1 - index);
  const [a, b] = numberLines(
    before.slice(start, before.length - end),
    after.slice(start, after.length - end),
  );
  if (a.length === 0 && b.length === 0) return [];
  const changes = findChanges(a, b) ?? [{ from: 0, to: a.length, newFrom: 0, newTo: b.length }];
  return settleChanges(
    changes.map((change) => move(change, start)),
    before,
    after,
  );
}

function move({ from, to, newFrom, newTo }: Change, by: number): Change {
  return { from: from + by, to: to + by, newFrom: newFrom + by, newTo: newTo + by };
}

/** How many lines are equal at one end of both texts. */
function countEqual(
  a: readonly string[],
  b: readonly string[],
  place: (index: number) => number,
): number {
  const max = Math.min(a.length, b.length);
  let count = 0;
  while (count < max && a.at(place(count)) === b.at(place(count))) count += 1;
  return count;
}

/** Numbers in place of lines, equal for equal lines: they compare faster. */
function numberLines(...texts: (readonly string[])[]): [Int32Array, Int32Array] {
  const numbers = new Map<string, number>();
  const [a = [], b = []] = texts;
  const numberOf = (line: string): number => {
    const number = numbers.get(line) ?? numbers.size;
    numbers.set(line, number);
    return number;
  };
  return [Int32Array.from(a, numberOf), Int32Array.from(b, numberOf)];
}

/**
 * For each number of edits, how far into the old text one can get with them, by diagonal (old minus
 * new line). The entry of diagonal 0 stands in the middle.
 */
type Reach = Int32Array;

/** The changes with the fewest edits; undefined where there are more than `editsMax`. */
function findChanges(a: Int32Array, b: Int32Array): Change[] | undefined {
  const max = Math.min(a.length + b.length, editsMax);
  const reach: Reach = new Int32Array(2 * max + 3);
  const reached: Reach[] = [];
  for (let edits = 0; edits <= max; edits++) {
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = edits === 0 ? 0 : step(reach, diagonal, edits).x;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      reach[max + 1 + diagonal] = x;
      if (x >= a.length && x - diagonal >= b.length) return traceBack(reached, a.length, b.length);
    }
    reached.push(reach.slice(max + 1 - edits, max + 2 + edits));
  }
  return undefined;
}

/** The better way onto a diagonal: by an added line from the one above, or a removed one from below. */
function step(reach: Reach, diagonal: number, edits: number): { x: number; isAddition: boolean } {
  const above = at(reach, diagonal + 1);
  const below = at(reach, diagonal - 1);
  const isAddition = diagonal === -edits || (diagonal !== edits && below < above);
  return { x: isAddition ? above : below + 1, isAddition };
}

function at(reach: Reach, diagonal: number): number {
  return reach[(reach.length - 1) / 2 + diagonal] ?? 0;
}

/** Follows the way back from the ends of both texts; edits that touch are one change. */
function traceBack(reached: readonly Reach[], x: number, y: number): Change[] {
  const changes: Change[] = [];
  let diagonal = x - y;
  for (let edits = reached.length; edits > 0; edits--) {
    const { x: to, isAddition } = step(reached[edits - 1] ?? new Int32Array(1), diagonal, edits);
    const newTo = to - diagonal;
    const from = isAddition ? to : to - 1;
    const newFrom = isAddition ? newTo - 1 : newTo;
    const next = changes.at(-1);
    if (next?.from === to && next.newFrom === newTo) Object.assign(next, { from, newFrom });
    else changes.push({ from, to, newFrom, newTo });
    diagonal = from - newFrom;
  }
  return changes.reverse();
}

/**
 * Where equal lines follow each other, a removed or added one can be any of them. It is taken for
 * the one at the change before, which makes a replacement of both; else for the last one. So equal
 * changes of two texts look equal.
 */
function settleChanges(
  changes: readonly Change[],
  before: readonly string[],
  after: readonly string[],
): Change[] {
  const settled: Change[] = [];
  for (const [index, change] of changes.entries()) {
    let current = slide(change, -1, settled.at(-1)?.to ?? 0, before, after);
    for (let last = settled.at(-1); last?.to === current.from; last = settled.at(-1)) {
      settled.pop();
      const joined = { ...current, from: last.from, newFrom: last.newFrom };
      current = slide(joined, -1, settled.at(-1)?.to ?? 0, before, after);
    }
    const end = changes[index + 1]?.from ?? before.length;
    settled.push(slide(current, 1, end, before, after));
  }
  return settled;
}

/** Moves a change among equal lines up (-1) or down (1), to `limit` at most; a replacement stays. */
function slide(
  change: Change,
  direction: -1 | 1,
  limit: number,
  before: readonly string[],
  after: readonly string[],
): Change {
  const { from, to, newFrom, newTo } = change;
  if (from < to && newFrom < newTo) return change;
  const [lines, first, end] = from < to ? [before, from, to] : [after, newFrom, newTo];
  const max = direction === 1 ? limit - to : from - limit;
  const next = direction === 1 ? 0 : -1;
  let by = 0;
  while (by * direction < max && lines[first + by + next] === lines[end + by + next]) {
    by += direction;
  }
  return move(change, by);
}
