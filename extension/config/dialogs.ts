import type { ExtensionUIContext } from "@mariozechner/pi-coding-agent";

import type { ConfigDraft, DraftField } from "../../lib/config/draft.ts";
import type { FormEnd } from "./terminal.ts";

/** Lets a person change the draft in one dialog after another, where there is no terminal. */
export async function editWithDialogs(
  ui: ExtensionUIContext,
  draft: ConfigDraft,
  signal: AbortSignal,
): Promise<FormEnd> {
  for (;;) {
    const fields = draft.fields();
    const lines = fields.map(({ label, shown }) => `${label}: ${shown}`);
    const chosen = await ui.select("OpenSync settings", [...lines, "Save", "Cancel"], { signal });
    if (chosen === "Save") return "save";
    const field = fields[lines.indexOf(chosen ?? "")];
    if (field === undefined) return "cancel";
    const typed = await askFor(field, ui, signal);
    if (typed !== undefined) draft.set(field.field, typed);
  }
}

/** Asks for the new value of a field; undefined leaves it as it is. */
async function askFor(
  field: DraftField,
  ui: ExtensionUIContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { kind, label, description, shown, problem = "", lockedBy, isSecret } = field;
  if (lockedBy !== undefined) {
    ui.notify(`${label} is set by the variable ${lockedBy}. ${problem}`.trim());
    return undefined;
  }
  const title = [description, problem].join(" ").trim();
  if (kind === "flag") return ui.select(title, ["true", "false"], { signal });
  const empty = isSecret ? "keeps it" : "removes it";
  return ui.input(`${title} An empty answer ${empty}.`, shown, { signal });
}
