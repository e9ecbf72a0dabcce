import type { Proposal } from "./actions.ts";
import { findRefused } from "./apply/apply.ts";
import type { SettingsContext } from "./context.ts";
import { toChange } from "./execute.ts";
import type { Step } from "./execute.ts";

/** What can be done of a proposal. */
interface Feasible {
  proposal: Proposal;
  steps: readonly Step[];
}

/**
 * Sets aside what can't be written on this machine, because a link, a folder or another name is in
 * the way: the rest need not wait for it.
 */
export async function setAside(
  { place }: SettingsContext,
  { proposal, steps }: Feasible,
): Promise<Feasible> {
  const here = steps.filter(({ isWrittenHere }) => isWrittenHere);
  const refused = await findRefused(place, here.map(toChange));
  if (refused.size === 0) return { proposal, steps };
  return {
    proposal: {
      ...proposal,
      actions: proposal.actions.filter(({ item }) => !refused.has(item.path)),
      blocked: [...refused].map(([path, reason]) => ({ path, reason })),
    },
    steps: steps.filter(({ path }) => !refused.has(path)),
  };
}
