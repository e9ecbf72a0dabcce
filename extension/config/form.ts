import type { ExtensionCommandContext, ExtensionUIContext } from "@mariozechner/pi-coding-agent";

import { readConfigFile, updateConfigFile } from "../../lib/config/file.ts";
import type { AppError } from "../../lib/errors.ts";
import { describeError } from "../commands/tell-error.ts";
import type { Host } from "../host.ts";
import type { OpenedSession } from "../open.ts";
import { findTrouble } from "../../lib/config/check.ts";
import { editWithDialogs } from "./dialogs.ts";
import { ConfigDraft } from "../../lib/config/draft.ts";
import { editInTerminal, waitVisibly } from "./terminal.ts";

/** What a person is told at the end. */
interface Notice {
  text: string;
  level: "info" | "warning";
}

/**
 * Lets a person change our configuration file: in a form at the terminal, in dialogs where a client
 * drives pi, and not at all where nobody is there. What is saved takes effect at once. Never throws.
 */
export async function openConfigForm(ctx: ExtensionCommandContext, host: Host): Promise<void> {
  // The context throws once its session has ended, which can be while the form is open.
  const { ui, hasUI } = ctx;
  if (!hasUI) return;
  try {
    const notice = await runForm(ui, host);
    if (notice) ui.notify(notice.text, notice.level);
  } catch (error) {
    ui.notify(describeError(error), "error");
  }
}

async function runForm(ui: ExtensionUIContext, host: Host): Promise<Notice | undefined> {
  const session = await host.session();
  if (session === undefined) return undefined;
  const { env, paths, hosted } = session;
  const path = paths.configFile;
  const draft = new ConfigDraft({ path, file: await readConfigFile(path), env });
  const isWanted = await editUntilSettled(ui, draft, session);
  if (hosted.signal.aborted) return undefined;
  const changes = draft.changes();
  const isChanged = Object.keys(changes).length > 0;
  if (!isChanged && !isWanted) return undefined;
  if (!isChanged) return { text: "OpenSync settings: nothing has changed.", level: "info" };
  if (!isWanted) return { text: "OpenSync settings: nothing was saved.", level: "info" };
  await updateConfigFile(path, changes);
  await host.reopen();
  return describeSaved(await host.session());
}

/** Lets the person go back and forth between form and check; true where the draft is to be saved. */
async function editUntilSettled(
  ui: ExtensionUIContext,
  draft: ConfigDraft,
  session: OpenedSession,
): Promise<boolean> {
  const { signal } = session.hosted;
  while (!signal.aborted) {
    const end =
      (await editInTerminal(ui, draft, signal)) ?? (await editWithDialogs(ui, draft, signal));
    if (end === "cancel") return false;
    const checked = await check(ui, draft, session);
    // The person did not want to wait.
    if (checked === undefined) continue;
    if (checked.result === undefined) return true;
    const answer = await askAbout(checked.result, ui, signal);
    if (answer !== "back") return answer === "save";
  }
  return false;
}

/** What speaks against the draft's server and key, where they have changed. */
async function check(
  ui: ExtensionUIContext,
  draft: ConfigDraft,
  { env, clock, hosted }: OpenedSession,
): Promise<{ result: AppError | undefined } | undefined> {
  const changes = draft.changes();
  if (!("url" in changes || "apiKey" in changes)) return { result: undefined };
  const config = draft.config();
  const { fetch } = globalThis;
  return waitVisibly(ui, hosted.signal, "Checking the server and the key…", (signal) =>
    findTrouble(config, { env, clock, fetch, signal }),
  );
}

const answers = new Map([
  ["Back to the settings", "back"],
  ["Save anyway", "save"],
  ["Discard the changes", "discard"],
] as const);

async function askAbout(
  trouble: AppError,
  ui: ExtensionUIContext,
  signal: AbortSignal,
): Promise<"back" | "save" | "discard"> {
  const title = [trouble.message, trouble.hint ?? ""].join("\n").trim();
  const answer = await ui.select(title, [...answers.keys()], { signal });
  for (const [text, meaning] of answers) if (text === answer) return meaning;
  return "back";
}

function describeSaved(session: OpenedSession | undefined): Notice {
  const saved = "OpenSync settings saved.";
  const { obstacle, whyOff, baseUrl } = session ?? {};
  if (obstacle) return { text: `${saved} ${describeError(obstacle)}`, level: "warning" };
  if (whyOff !== undefined) {
    return { text: `${saved} This session is not sent: ${whyOff}.`, level: "info" };
  }
  return { text: `${saved} Sessions go to ${baseUrl}.`, level: "info" };
}
