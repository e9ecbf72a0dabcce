import { hostname } from "node:os";

import { aboutSubject } from "../../lib/doctor/check.ts";
import type { Check } from "../../lib/doctor/check.ts";
import type { Collected } from "../../lib/doctor/collect.ts";
import type { Facts } from "../../lib/doctor/facts.ts";
import { lookAtConfig } from "../../lib/doctor/facts/config.ts";
import { lookAtConfiguredSettings } from "../../lib/doctor/facts/configured-settings.ts";
import { lookAtDisk } from "../../lib/doctor/facts/disk.ts";
import { lookAtFiles } from "../../lib/doctor/facts/files.ts";
import { lookAtRedaction } from "../../lib/doctor/facts/redaction.ts";
import { lookAtServer } from "../../lib/doctor/facts/server.ts";
import { judge } from "../../lib/doctor/judge.ts";
import { redactTexts } from "../../lib/doctor/redact-texts.ts";
import { renderChecks } from "../../lib/doctor/render.ts";
import { createOpenSyncClient } from "../../lib/opensync/client.ts";
import { hostPlatform } from "../../lib/platform/paths.ts";
import { loadRedactor, passAll } from "../../lib/redact/load-redactor.ts";
import type { CommandContext } from "../commands.ts";
import type { OpenedSession } from "../open.ts";
import { summarize } from "./status.ts";

const live = aboutSubject("live-session", "This session");

/** `/opensync doctor`: the checks of `pi-opensync doctor` that tell something inside pi. */
export async function runDoctor({ session, say }: CommandContext): Promise<void> {
  const { facts, redactor } = await collectFacts(session);
  const judged = judge(facts, { nowMs: session.clock.now() });
  const found = [...(await spell(judged, facts)), ...checkLive(session)];
  const checks = redactTexts(found, redactor);
  const text = renderChecks(checks, {
    width: undefined,
    env: session.env,
    paint: (_, sign) => sign,
  });
  say(text, checks.every(({ status }) => status === "well") ? "info" : "warning");
}

async function collectFacts({ env, paths, clock }: OpenedSession): Promise<Collected> {
  const { fetch } = globalThis;
  const { facts: config, config: values, target } = await lookAtConfig(env, paths);
  const apiKey = target?.apiKey;
  const askServer =
    target &&
    (() => {
      const client = createOpenSyncClient({ ...target, fetch, clock });
      return lookAtServer(target.baseUrl, { client, fetch, clock, env });
    });
  const tools = { env, paths, clock, fetch, hostname: hostname() };
  const [server, settings, redactor, files, disk] = await Promise.all([
    askServer?.(),
    lookAtConfiguredSettings(tools, false),
    loadRedactor(env, undefined, apiKey ?? ""),
    lookAtFiles(paths, hostPlatform),
    lookAtDisk(paths),
  ]);
  const redaction = lookAtRedaction(values.redact ? redactor : passAll, values.redact, apiKey);
  return { facts: { config, server, redaction, files, disk, settings }, redactor };
}

/** Commands of settings sync as they are typed in pi; without it, none are loaded. */
async function spell(checks: Check[], { settings }: Facts): Promise<Check[]> {
  if (settings === undefined) return checks;
  const { spellChecks } = await import("../../lib/settings/commands/spell-checks.ts");
  return spellChecks(checks, "/pisync");
}

function checkLive(session: OpenedSession): Check[] {
  if (!session.live) return [];
  const { failure, gate } = session.live.state;
  const found = `${summarize(session)}.`;
  if (gate === "open" && failure === undefined) return [live.well(found)];
  return [
    live.warning({
      found,
      why: failure?.message ?? "Nothing of it is sent by itself.",
      fix: failure?.hint ?? (failure ? "/opensync sync" : "/opensync resume"),
    }),
  ];
}
