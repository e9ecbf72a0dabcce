import { join } from "node:path";

import type { ParsedArgs } from "citty";

import { describeKey } from "../../lib/config/secret.ts";
import { configFields, configSpec } from "../../lib/config/schema.ts";
import { openMarks } from "../../lib/live/marks.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import { sessionStates } from "../../lib/sync/survey.ts";
import type { SessionState, Survey } from "../../lib/sync/survey.ts";
import { defineCommand } from "../command.ts";
import { openContext } from "../context.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { findSessions } from "../sync/find-sessions.ts";
import { openServerSurvey } from "../sync/survey.ts";
import { commonFlags } from "../ui/flags.ts";
import { renderStatus } from "../ui/status.ts";
import type { FailedSession, Status } from "../ui/status.ts";
import { outputWidth } from "../ui/width.ts";

/** `pi-opensync status`: where sessions go, what is sent and what waits. */
export const statusCommand = defineCommand({
  flags: commonFlags,
  examples: [
    ["pi-opensync status", "on one screen, without asking the server"],
    ["pi-opensync status --json", "for a program"],
  ],
  run,
});

async function run(args: ParsedArgs<typeof commonFlags>): Promise<number> {
  const context = await openContext(args);
  const { messages, paths } = context;
  using server = await openServerSurvey(context);
  const files = await findSessions({}, messages);
  const marks = openMarks(join(paths.stateDir, "live"), () => systemClock.now());
  const status: Status = {
    server: server.target.baseUrl,
    key: describeKey(context.config.apiKey ?? ""),
    lastSuccessAt: server.journal.lastSuccessAt(),
    ...(await countSessions(files, server.survey)),
    underWay: (await marks.listSeenTo()).map(({ path }) => path),
    leftBehind: (await marks.listLeft()).map(({ path }) => path),
    configFile: paths.configFile,
    overrides: listOverrides(context),
  };
  process.stdout.write(
    args.json
      ? `${JSON.stringify(toJson(status))}\n`
      : renderStatus(status, systemClock.now(), outputWidth()),
  );
  return exitCodes.well;
}

async function countSessions(
  files: readonly SessionFile[],
  survey: Survey,
): Promise<Pick<Status, "sessions" | "failed">> {
  const counts = sessionStates.map((state) => [state, 0] as const);
  const sessions = Object.fromEntries(counts) as Record<SessionState, number>;
  const failed: FailedSession[] = [];
  for (const file of files) {
    const { state, reason = "" } = await survey.look(file);
    sessions[state] += 1;
    if (state === "failed") failed.push({ path: file.path, reason });
  }
  return { sessions, failed };
}

function listOverrides({ origin }: Context): string[] {
  const fields = configFields.filter((field) => origin[field] === "environment");
  return fields.map((field) => configSpec[field].variable);
}

function toJson({ lastSuccessAt, ...status }: Status): Record<string, unknown> {
  const time = lastSuccessAt === undefined ? null : new Date(lastSuccessAt).toISOString();
  return { schemaVersion: 1, lastSuccessAt: time, ...status };
}
