import { describeKey } from "../../lib/config/secret.ts";
import { configFields, configSpec } from "../../lib/config/schema.ts";
import type { Progress } from "../../lib/live/engine.ts";
import type { LiveState } from "../../lib/live/state.ts";
import type { CommandContext } from "../commands.ts";
import type { OpenedSession } from "../open.ts";
import { requireLive } from "./require-live.ts";
import type { LiveParts } from "./require-live.ts";

/** How it stands, in a few words. */
export function summarize({ live, obstacle, whyOff }: OpenedSession): string {
  if (!live) return obstacle?.message ?? "not started";
  const { gate, phase, waiting, elsewhere, skipped } = live.state;
  if (gate === "off") return `off, ${whyOff ?? "by choice"}`;
  if (skipped !== undefined && skipped !== "no prompt")
    return `this session is not sent: ${skipped}`;
  const words = {
    well: gate === "open" ? "all is sent" : gate,
    sending: "sending",
    offline: "the server can't be reached",
    refused: "the key is refused",
    failed: "something is wrong here",
  };
  const left = [
    waiting > 0 ? count(waiting, "message waits", "messages wait") : "",
    elsewhere > 0 ? count(elsewhere, "other session waits", "other sessions wait") : "",
  ].filter((text) => text !== "");
  return left.length > 0 && phase === "well" && gate === "open"
    ? left.join(", ")
    : [words[phase], ...left].join(", ");
}

/** `/opensync status`: where sessions go, and how far this one got. */
export async function showStatus(context: CommandContext): Promise<void> {
  const parts = requireLive(context);
  if (parts === undefined) return;
  const file = await parts.live.look();
  const engine = await parts.engine.get().catch(() => undefined);
  const progress = file && engine?.progress(file.path);
  const { failure } = parts.live.state;
  context.say(describe(context.session, parts, progress).join("\n"), failure ? "warning" : "info");
}

function describe(
  session: OpenedSession,
  { live, baseUrl }: LiveParts,
  progress: Progress | undefined,
): string[] {
  const { clock, paths } = session;
  const { elsewhere, failure, lastSuccessAt } = live.state;
  const lines = [
    `OpenSync: ${summarize(session)}`,
    `Server: ${baseUrl}, key ${describeKey(session.loaded?.config.apiKey ?? "")}`,
    `This session: ${describeCounts(live.state, progress)}`,
    `Last success: ${lastSuccessAt === undefined ? "none yet in this run" : `${ago(clock.now() - lastSuccessAt)} ago`}`,
    `Other sessions that wait: ${elsewhere}`,
    `Settings: ${paths.configFile}${describeOverrides(session)}`,
  ];
  if (progress?.refused) lines.push(`Refused by the server: ${progress.refused.reason}`);
  if (failure) lines.push(`Trouble: ${failure.message} ${failure.hint ?? ""}`.trim());
  return lines;
}

function describeCounts({ waiting, redacted }: LiveState, progress: Progress | undefined): string {
  return [
    `${progress?.messages ?? 0} sent`,
    `${waiting} waiting`,
    `${progress?.refused?.count ?? 0} failed`,
    `${count(redacted, "secret", "secrets")} replaced`,
  ].join(", ");
}

function describeOverrides({ loaded }: OpenedSession): string {
  const fields = configFields.filter((field) => loaded?.origin[field] === "environment");
  const names = fields.map((field) => configSpec[field].variable);
  return names.length > 0 ? `, and ${names.join(", ")} of the environment` : "";
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function ago(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
