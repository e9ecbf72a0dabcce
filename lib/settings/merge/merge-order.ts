/** The names of three versions of a list, in their order. */
export interface ListOrders {
  base: readonly string[];
  local: readonly string[];
  remote: readonly string[];
}

/**
 * The order of a merged list, of which `names` are the elements: the local one, with what remote
 * added where it stands there. Where only remote moved elements, it is the other way round.
 */
export function mergeOrder(
  names: ReadonlySet<string>,
  { base, local, remote }: ListOrders,
): string[] {
  const inRemote = new Set(remote);
  const stayed = new Set(local.filter((name) => inRemote.has(name)));
  const kept = base.filter((name) => stayed.has(name));
  const isLocalOrder = !isInOrder(local, kept) || isInOrder(remote, kept);
  const [first, second] = isLocalOrder ? [local, remote] : [remote, local];
  return interleave(first, second).filter((name) => names.has(name));
}

function isInOrder(names: readonly string[], kept: readonly string[]): boolean {
  const wanted = new Set(kept);
  return names.filter((name) => wanted.has(name)).every((name, index) => name === kept[index]);
}

/** All names of `first`, and those that only `second` has behind the ones that they follow there. */
function interleave(first: readonly string[], second: readonly string[]): string[] {
  const inFirst = new Set(first);
  const atStart: string[] = [];
  const behind = new Map<string, string[]>();
  let followers = atStart;
  for (const name of second) {
    if (inFirst.has(name)) {
      followers = [];
      behind.set(name, followers);
    } else {
      followers.push(name);
    }
  }
  return [...atStart, ...first.flatMap((name) => [name, ...(behind.get(name) ?? [])])];
}
