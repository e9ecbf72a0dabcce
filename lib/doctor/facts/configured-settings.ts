import { mayHaveSettings } from "../../settings/config/may-have.ts";
import type { SettingsTools } from "../../settings/context.ts";
import type { SettingsFacts } from "./settings.ts";

/** As much as the server of the sessions gets, when all is looked at. */
const timeoutMs = 5000;

/** The facts of settings sync, where a person seems to want it; else nothing of it is loaded. */
export async function lookAtConfiguredSettings(
  tools: SettingsTools,
  isOffline: boolean,
): Promise<SettingsFacts | undefined> {
  if (!(await mayHaveSettings(tools.env, tools.paths))) return undefined;
  const { lookAtSettings } = await import("./settings.ts");
  return lookAtSettings(tools, { isOffline, isProbing: false, timeoutMs });
}
