/** Which rows of a list are worth drawing: from `first` (included) to `end` (excluded). */
export interface RowSpan {
  first: number;
  end: number;
}

/** Rows beyond the edges that are drawn as well, so that a scroll meets drawn rows. */
const margin = 12;

/**
 * The rows in view of a list that starts `scrolled` pixels above the view's upper edge (negative
 * where it starts below it). All in pixels.
 */
export function findVisibleRows(
  scrolled: number,
  viewHeight: number,
  rowHeight: number,
  total: number,
): RowSpan {
  const first = Math.floor(scrolled / rowHeight) - margin;
  const end = Math.ceil((scrolled + viewHeight) / rowHeight) + margin;
  return { first: clamp(first, total), end: clamp(end, total) };
}

function clamp(row: number, total: number): number {
  return Math.min(Math.max(row, 0), total);
}
