import { AppError } from "../../lib/errors.ts";
import { startDeadline } from "../../lib/platform/deadline.ts";
import type { Dialogue } from "../../lib/settings/commands/dialogue.ts";
import { settingsCommandNames, settingsCommands } from "../../lib/settings/commands/table.ts";
import type { SettingsCommandName } from "../../lib/settings/commands/table.ts";
import { openSettings } from "../../lib/settings/context.ts";
import type { SettingsTools } from "../../lib/settings/context.ts";
import { survey } from "../../lib/settings/survey.ts";
import { describeForFooter, describeShortly } from "../../lib/settings/words.ts";
import type { Busy } from "./busy.ts";
import { showFooter } from "./memory.ts";

/** Lets the person choose a command below how it stands; undefined where they leave. */
export async function chooseCommand(
  tools: SettingsTools,
  dialogue: Dialogue,
  busy: Busy,
): Promise<SettingsCommandName | undefined> {
  busy.show();
  const { state, isSetUp } = await summarize(tools);
  tools.signal?.throwIfAborted();
  const others = settingsCommandNames.filter((name) => name !== "init");
  const names = isSetUp ? [...others, "init" as const] : ["init" as const, ...others];
  const width = Math.max(...names.map((name) => name.length));
  return dialogue.choose(
    `Settings: ${state}`,
    names.map((name) => ({
      value: name,
      label: `${name.padEnd(width)}  ${settingsCommands[name].description}`,
    })),
  );
}

/** A menu that takes longer to open is no menu. */
const patienceMs = 4000;

async function summarize(tools: SettingsTools): Promise<{ state: string; isSetUp: boolean }> {
  const deadline = startDeadline(patienceMs, tools.signal);
  try {
    const context = await openSettings({ ...tools, signal: deadline.signal });
    const { plan, remote } = await survey(context, deadline.signal);
    showFooter(describeForFooter(plan));
    const short = plan.needsChoice ? "both sides have some, and differ" : describeShortly(plan);
    const number = remote.head ? [`#${remote.head.number}`] : [];
    return { state: [short ?? "all agree", ...number].join(" · "), isSetUp: true };
  } catch (error) {
    if (deadline.hasPassed()) {
      return { state: "the storage has not answered yet", isSetUp: true };
    }
    if (!(error instanceof AppError)) throw error;
    const isSetUp = error.code !== "not-configured";
    return { state: isSetUp ? error.message : "not set up yet", isSetUp };
  } finally {
    deadline.end();
  }
}
