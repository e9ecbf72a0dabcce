import { AppError } from "../../errors.ts";
import { loadSettingsConfig, updateSettings } from "../config/load.ts";
import { settingsSpec } from "../config/schema.ts";
import type { SettingsConfig, SettingsField } from "../config/schema.ts";
import { isSettingsConfigured } from "../config/storage.ts";
import { openConfigured } from "../context.ts";
import type { SettingsTools } from "../context.ts";
import { generateIdentity } from "../remote/seal.ts";
import { showStatus } from "./show.ts";
import type { CommandOptions, Dialogue, Report } from "./dialogue.ts";

type Answers = Partial<Record<SettingsField, string>>;

/**
 * `init [FOLDER]`: asks where settings are to go, tries it, and stores it. Nothing is synced yet. Where
 * nobody can be asked, a folder, or variables of the environment, say it.
 */
export async function init(
  tools: SettingsTools,
  dialogue: Dialogue,
  options: CommandOptions,
): Promise<Report> {
  const { paths, env, hostname } = tools;
  const { config: before } = await loadSettingsConfig(env, paths, hostname);
  let config = before;
  let next: NextStep | undefined = "change";
  let answers: Answers | undefined;
  while (next !== undefined && next !== "stop") {
    if (next === "change") answers = await findAnswers(config, dialogue, options);
    if (answers === undefined) return declined;
    config = { ...before, ...checked(answers) };
    try {
      return await tryOut(tools, config, answers, options);
    } catch (error) {
      const isAsking = dialogue.isInteractive && !options.signal.aborted;
      if (!isAsking || !(error instanceof AppError)) throw error;
      dialogue.say(`${error.message} ${error.hint ?? ""}`.trim(), "warning");
      next = await dialogue.choose("What now?", nextSteps);
    }
  }
  return declined;
}

const nextSteps = [
  { value: "change", label: "Change the answers" },
  { value: "again", label: "Try again" },
  { value: "stop", label: "Leave all as it was" },
] as const;

type NextStep = (typeof nextSteps)[number]["value"];

/** Looks whether the storage can be used, and stores the answers if so. */
async function tryOut(
  tools: SettingsTools,
  config: SettingsConfig,
  answers: Answers,
  options: CommandOptions,
): Promise<Report> {
  const { paths } = tools;
  const context = await openConfigured(tools, config);
  const mode = await context.ensureCreateMode(options.signal);
  const status = await showStatus(context, options);
  await updateSettings(paths.configFile, answers);
  return {
    lines: [
      ...status.lines,
      `Stored in ${paths.configFile}.`,
      ...(answers.encryptionKey === undefined ? [] : [keyNote]),
      "Next: 'sync' (or 'diff' to look first).",
    ],
    outcome: "well",
    document: { ...status.document, createMode: mode },
  };
}

const declined: Report = {
  lines: ["Nothing was changed."],
  outcome: "declined",
  document: { storage: null },
};

const keyNote =
  "All that leaves this machine is encrypted. Other machines need the same key: copy encryptionKey from the configuration into a safe place. Without it, nobody can read the storage.";

async function findAnswers(
  before: SettingsConfig,
  dialogue: Dialogue,
  { words: [folder] }: CommandOptions,
): Promise<Answers | undefined> {
  if (folder !== undefined) return { endpoint: folder };
  if (dialogue.isInteractive) return askAll(before, dialogue);
  if (isSettingsConfigured(before)) return {};
  throw new AppError("usage", "There is nobody to ask where settings are to go.", {
    hint: "Give a folder: 'init file:///mnt/nas/pi', or set PI_SYNC_ENDPOINT, PI_SYNC_BUCKET, PI_SYNC_ACCESS_KEY_ID and PI_SYNC_SECRET_ACCESS_KEY.",
  });
}

/** Undefined where the person leaves. */
async function askAll(before: SettingsConfig, dialogue: Dialogue): Promise<Answers | undefined> {
  const kind = await dialogue.choose("Where are pi's settings to be kept?", [
    { value: "r2", label: "Cloudflare R2" },
    { value: "s3", label: "Another S3-compatible storage" },
    { value: "folder", label: "A folder: a NAS, a synced folder, a USB stick" },
  ] as const);
  if (kind === undefined) return undefined;
  const place =
    kind === "folder" ? await askFolder(before, dialogue) : await askS3(kind, before, dialogue);
  if (place === undefined) return undefined;
  const encryption = before.encryptionKey === undefined ? await askEncryption(dialogue) : {};
  return encryption && { ...place, ...encryption };
}

async function askFolder(before: SettingsConfig, dialogue: Dialogue): Promise<Answers | undefined> {
  const question = "The folder, which all machines reach";
  const endpoint = await askField("endpoint", question, before, dialogue, "~/Sync/pi");
  return endpoint === undefined ? undefined : { endpoint };
}

async function askS3(
  kind: "r2" | "s3",
  before: SettingsConfig,
  dialogue: Dialogue,
): Promise<Answers | undefined> {
  const questions: (readonly [SettingsField, string, string])[] = [
    kind === "r2"
      ? ["endpoint", "The S3 API's address (R2: Overview)", "https://….r2.cloudflarestorage.com"]
      : ["endpoint", "The service's address", "https://s3.eu-central-1.amazonaws.com"],
    ["bucket", "The bucket, which is there already", "pi-settings"],
    ...(kind === "s3" ? ([["region", "The bucket's region", "eu-central-1"]] as const) : []),
    ["accessKeyId", "The access key ID", ""],
    ["secretAccessKey", "The secret access key", ""],
  ];
  const answers: Answers = {};
  for (const [field, question, example] of questions) {
    const answer = await askField(field, question, before, dialogue, example);
    if (answer === undefined) return undefined;
    answers[field] = answer;
  }
  return answers;
}

async function askEncryption(dialogue: Dialogue): Promise<Answers | undefined> {
  const choice = await dialogue.choose("Encrypt what leaves this machine?", [
    { value: "no", label: "No: the storage is mine" },
    { value: "new", label: "Yes, with a new key" },
    { value: "old", label: "Yes, with the key of my other machines" },
  ] as const);
  if (choice === undefined) return undefined;
  if (choice === "no") return {};
  if (choice === "new") return { encryptionKey: await generateIdentity() };
  const key = await askField("encryptionKey", "The key", undefined, dialogue, "");
  return key === undefined ? undefined : { encryptionKey: key };
}

/** Asks for a field until it is what the field may be; undefined where the person leaves. */
export async function askField(
  field: SettingsField,
  question: string,
  before: SettingsConfig | undefined,
  dialogue: Dialogue,
  example: string,
): Promise<string | undefined> {
  const { isSecret, mayBe, parse } = settingsSpec[field];
  const initial = isSecret ? undefined : before?.[field]?.toString();
  const answer = await dialogue.ask(question, {
    initial,
    ...(example !== "" && { example }),
    isSecret,
    check: (text) => (parse(text) === undefined ? `It must be ${mayBe}.` : undefined),
  });
  return answer?.trim();
}

/** Answers as the configuration takes them. */
function checked(answers: Answers): Partial<SettingsConfig> {
  const fields = Object.entries(answers) as [SettingsField, string][];
  return Object.fromEntries(
    fields.map(([field, answer]) => {
      const { mayBe, parse } = settingsSpec[field];
      const value = parse(answer);
      if (value === undefined) throw new AppError("usage", `${field} must be ${mayBe}.`);
      return [field, value];
    }),
  );
}
