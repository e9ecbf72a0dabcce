import { renderChecks } from "../../lib/doctor/check.ts";
import type { CheckResult } from "../../lib/doctor/check.ts";
import { failedCheck } from "../../lib/doctor/check.ts";
import { checkRedaction } from "../../lib/doctor/redaction.ts";
import { checkServer } from "../../lib/doctor/server.ts";
import type { CommandContext } from "../commands.ts";
import type { OpenedSession } from "../open.ts";
import { summarize } from "./status.ts";

/** `/opensync doctor`: looks at everything that sending depends on, and changes nothing. */
export async function runDoctor({ session, say }: CommandContext): Promise<void> {
  const results = [...checkConfig(session), ...(await checkEngine(session)), ...checkLive(session)];
  const isWell = results.every(({ status }) => status === "well");
  say(renderChecks(results), isWell ? "info" : "warning");
}

function checkConfig({ loaded, obstacle, paths }: OpenedSession): CheckResult[] {
  if (!loaded) return [failedCheck(obstacle)];
  return [
    { status: "well", found: `The settings in ${paths.configFile} can be used.` },
    ...loaded.warnings.map(({ message, hint }) => ({
      status: "warning" as const,
      found: message,
      fix: hint,
    })),
  ];
}

async function checkEngine(session: OpenedSession): Promise<CheckResult[]> {
  const { engine: holder, baseUrl, clock, loaded } = session;
  if (!holder || baseUrl === undefined || !loaded) return [];
  try {
    const engine = await holder.get();
    const server = await checkServer(engine.asking, baseUrl, clock);
    return [...server, checkRedaction(engine.redactor, loaded.config.redact)];
  } catch (error) {
    return [failedCheck(error)];
  }
}

function checkLive(session: OpenedSession): CheckResult[] {
  const { live } = session;
  if (!live) return [];
  const { failure, gate } = live.state;
  const isWell = gate === "open" && failure === undefined;
  const found = `This session: ${summarize(session)}.`;
  return [{ status: isWell ? "well" : "warning", found, fix: failure?.message }];
}
