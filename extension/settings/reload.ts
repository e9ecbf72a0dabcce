import type { ExtensionCommandContext } from "@mariozechner/pi-coding-agent";

import type { Dialogue } from "../../lib/settings/commands/dialogue.ts";
import type { SettingsNotice } from "./memory.ts";

/** What the person has to know where they can't be asked to reload; undefined where they can. */
export function whyNotReload(ctx: ExtensionCommandContext, isUnasked: boolean): string | undefined {
  if (isUnasked) return "/reload takes over what came.";
  // pi can't reload while it answers.
  return ctx.isIdle() ? undefined : "When pi has answered, /reload takes over what came.";
}

/** Has pi load what came, if the person wants it. What pi gave before can't be used behind it. */
export async function offerReload(
  ctx: ExtensionCommandContext,
  { dialogue, say }: { dialogue: Dialogue; say: (notice: SettingsNotice) => void },
): Promise<void> {
  const details = ["Until then, it goes on with what it has loaded."];
  if (!(await dialogue.confirm("Reload pi now?", details))) return;
  // Meanwhile it may have begun to answer.
  const obstacle = whyNotReload(ctx, false);
  if (obstacle === undefined) await ctx.reload();
  else say({ text: obstacle, level: "info" });
}
