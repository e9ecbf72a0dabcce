import type { SearchHit } from "../api.ts";

/** Hits by session; sessions and hits keep the order that the server gave them. */
export function groupHits(hits: SearchHit[]): [SearchHit, ...SearchHit[]][] {
  const groups = new Map<string, [SearchHit, ...SearchHit[]]>();
  for (const hit of hits) {
    const group = groups.get(hit.session.id);
    if (group) group.push(hit);
    else groups.set(hit.session.id, [hit]);
  }
  return [...groups.values()];
}
