import type { Facts } from "../../doctor/facts.ts";
import { lookAtSettings } from "../../doctor/facts/settings.ts";
import { judge } from "../../doctor/judge.ts";
import { redactTexts } from "../../doctor/redact-texts.ts";
import { renderChecks, renderTally } from "../../doctor/render.ts";
import { messageOf } from "../../errors.ts";
import { loadRedactor } from "../../redact/load-redactor.ts";
import type { SettingsTools } from "../context.ts";
import type { CommandOptions, Dialogue, Report } from "./dialogue.ts";

const timeoutMs = 20_000;

/**
 * `doctor`: checks configuration, storage, lock and secrets. To find out how the storage creates, a
 * small object is written there and deleted.
 */
export async function examine(
  tools: SettingsTools,
  _: Dialogue,
  { signal }: CommandOptions,
): Promise<Report> {
  const { clock, env } = tools;
  const found = await collect({ ...tools, signal });
  const redactor = await loadRedactor(env, undefined, "");
  const facts = redactTexts(found, redactor);
  const checks = judge(facts, { nowMs: clock.now() });
  const style = { width: undefined, env, paint: (_: unknown, sign: string) => sign };
  return {
    lines: [...renderChecks(checks, style).split("\n"), "", renderTally(checks)],
    checks,
    outcome: checks.some(({ status }) => status === "failure") ? "attention" : "well",
    document: { checks, facts },
  };
}

async function collect(tools: SettingsTools): Promise<Facts> {
  try {
    const look = { isOffline: false, isProbing: true, timeoutMs };
    return { settings: await lookAtSettings(tools, look) };
  } catch (error) {
    tools.signal?.throwIfAborted();
    return { unknown: [{ what: "Settings sync", reason: messageOf(error) }] };
  }
}
