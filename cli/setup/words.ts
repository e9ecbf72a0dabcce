import { homedir } from "node:os";

import { describeKey } from "../../lib/config/secret.ts";
import type { ConfigDraft } from "../../lib/config/draft.ts";
import type { ConfigField } from "../../lib/config/schema.ts";
import { isPiSupported, piVersionMin } from "../../lib/pi/installations.ts";
import { defaultSource } from "../../lib/pi/registration.ts";
import { piSettingsPath } from "../../lib/pi/settings.ts";
import { hasServer } from "../require-bun.ts";
import { plural } from "../ui/format.ts";
import type { SetupFacts } from "./facts.ts";
import type { SetupPlan, SetupResult, ServerCheck } from "./plan.ts";

/** What can be switched, as a person is asked about it. */
export const optionFlags = {
  syncToolCalls: "Send tool calls and results",
  syncThinking: "Send the model's thinking",
  redact: "Replace secrets",
} as const satisfies Partial<Record<ConfigField, string>>;

/** What leaves the machine, and what never does. */
export const whatIsSent = [
  "Prompts, answers and tool results of your pi sessions, with project, model, tokens and cost: while pi runs, and those that are here already if you want.",
  "Secrets in them are replaced on this machine before anything is sent.",
  "Never sent: pi's system prompt, images, the output of !!commands, and projects that you leave out.",
] as const;

/** A path as people write it. */
export function shortPath(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** What is on this machine, one thing a line. */
export function describeFacts(facts: SetupFacts): string[] {
  const { installations, sessionCount, draft, ours, older } = facts;
  const { url, apiKey } = draft.config();
  const target = url === undefined ? "none yet" : `${url}, key ${keyOf(apiKey)}`;
  return [
    ...installations.map(({ path, version }) => `pi ${version} at ${shortPath(path)}`),
    ...(installations.length === 0 ? ["no pi on the PATH (https://pi.dev)"] : []),
    `${plural(sessionCount, "session")} of pi`,
    `configuration: ${target}`,
    ...ours.map(
      ({ source, isEnabled }) =>
        `pi loads ${shortPath(source)}${isEnabled ? "" : ", but not its extension"}`,
    ),
    ...older.map(({ source }) => `pi loads the older plugin ${shortPath(source)}`),
  ];
}

/** What a person should know before anything else, one text each. */
export function listWarnings(facts: SetupFacts): string[] {
  const { installations, ours, older, settingsTrouble } = facts;
  const old = installations.filter(({ version }) => !isPiSupported(version));
  return [
    ...old.map(
      ({ version }) =>
        `pi ${version} is too old for the extension: it needs ${piVersionMin} or newer.`,
    ),
    ...(ours.length > 1
      ? ["pi loads pi-opensync more than once. 'pi config' shows from where."]
      : []),
    ...older
      .filter(({ place }) => place === "folder")
      .map(
        ({ source }) =>
          `The older plugin in ${shortPath(source)} sends every session once more: delete that folder.`,
      ),
    ...(settingsTrouble
      ? [
          `${settingsTrouble.message} ${settingsTrouble.hint ?? ""} pi-opensync is not registered until then.`,
        ]
      : []),
  ];
}

/** What the plan would write, one thing a line; none where all is as it is. */
export function describePlan(plan: SetupPlan, facts: SetupFacts): string[] {
  const { draft } = plan;
  const changes = draft.changes();
  if (plan.isLocal) changes["apiKey"] = "";
  const fields = Object.keys(changes) as ConfigField[];
  const isAdded = plan.isRegistering && needsRegistration(plan, facts);
  return [
    ...(fields.length > 0 ? [`In ${shortPath(draft.path)}:`] : []),
    ...fields.map((field) => `  ${draft.field(field).label}: ${showField(plan, field)}`),
    ...(isAdded || plan.isRemovingOlder
      ? [`In ${shortPath(piSettingsPath(facts.agentDir))}:`]
      : []),
    ...(isAdded ? [`  packages: + ${shortPath(plan.source ?? defaultSource)}`] : []),
    ...(plan.isRemovingOlder ? facts.older.map(({ source }) => `  packages: - ${source}`) : []),
  ];
}

/** What is sent of sessions, and of which, one thing a line. */
export function describeOptions(draft: ConfigDraft): string[] {
  const { exclude, ...config } = draft.config();
  const flags = Object.entries(optionFlags).map(
    ([field, label]) => `${label}: ${config[field as keyof typeof optionFlags] ? "yes" : "no"}`,
  );
  return [...flags, `Projects left out: ${exclude.join(", ") || "none"}`];
}

/** Where sessions go to. */
export function describeTarget({ draft, isLocal }: SetupPlan): string {
  const { url } = draft.config();
  return isLocal ? `${url}, on this machine` : `${url}`;
}

/** What setup came to, one thing a line. */
export function describeResult(
  { changed, registered, olderRemoved }: SetupResult,
  draft: ConfigDraft,
): string[] {
  const backup = registered?.backupPath;
  return [
    changed.length > 0
      ? `${shortPath(draft.path)} is written.`
      : `${shortPath(draft.path)} is as it was.`,
    ...olderRemoved.map((source) => `pi does not load ${source} any more.`),
    ...(registered
      ? [
          `pi loads ${shortPath(registered.source)}${registered.isChanged ? ", from its next start on" : ""}.`,
        ]
      : []),
    ...(backup ? [`Its settings as they were: ${shortPath(backup)}`] : []),
  ];
}

/** What to do now, one thing a line. */
export function listNextSteps(plan: SetupPlan, { isWaiting }: ServerCheck): string[] {
  if (isWaiting) {
    return [
      ...(hasServer
        ? []
        : [
            "The server is in the pi-opensync binary, and not in the npm package: the README says how to get it.",
          ]),
      "Start the server: pi-opensync serve --backfill",
      "It takes in the sessions that are here, and follows those that pi goes on with.",
    ];
  }
  return [
    plan.isRegistering
      ? "Start pi and work as always: sessions are sent while they go on."
      : "Send the sessions that are here: pi-opensync backfill",
    "Look whether all is well: pi-opensync doctor",
  ];
}

/** What setup came to, as one document for programs. */
export function toJson(
  plan: SetupPlan,
  facts: SetupFacts,
  check: ServerCheck,
  { changed, registered, olderRemoved }: SetupResult,
): Record<string, unknown> {
  const { agentDir, installations } = facts;
  const { url, apiKey } = plan.draft.config();
  return {
    schemaVersion: 1,
    warnings: listWarnings(facts),
    config: { path: plan.draft.path, url, apiKey: keyOf(apiKey), changed },
    isServerRunning: !check.isWaiting,
    pi: { agentDir, installations, registered, olderRemoved },
  };
}

/** Whether pi has to be told of our package. */
export function needsRegistration({ source }: SetupPlan, { ours }: SetupFacts): boolean {
  return (
    ours.length === 0 || (source !== undefined && !ours.some((entry) => entry.source === source))
  );
}

function showField({ draft, isLocal }: SetupPlan, field: ConfigField): string {
  return isLocal && field === "apiKey"
    ? "the one of the server on this machine"
    : draft.field(field).shown;
}

function keyOf(apiKey: string | undefined): string {
  return apiKey === undefined ? "not set" : describeKey(apiKey);
}
