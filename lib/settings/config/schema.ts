import { parseList, parseText } from "../../config/schema.ts";
import type { FieldSpec } from "../../config/schema.ts";
import { parseEndpoint } from "./endpoint.ts";

/** The configuration of settings sync with every default in its place. */
export interface SettingsConfig {
  /** An address without a slash at its end, or the path of a folder, which may begin with `~/`. */
  endpoint?: string;
  bucket?: string;
  region: string;
  /** These three come from one source; each is itself, `$NAME` or `!command`. */
  accessKeyId?: string;
  secretAccessKey?: string;
  sessionToken?: string;
  /** Without slashes at its ends. */
  prefix: string;
  profile: string;
  autoSync: boolean;
  include: string[];
  exclude: string[];
  localKeys: string[];
  machine: string;
  /** An age identity, `$NAME` or `!command`. */
  encryptionKey?: string;
  allow: string[];
}

export type SettingsField = keyof SettingsConfig;

/** What a field holds, and how people meet it. */
export interface SettingsFieldSpec extends Omit<FieldSpec, "variable" | "byDefault"> {
  /** Its variables of the environment: its own, and one that other programs use, too. */
  variables: readonly string[];
  /** It is not to be shown; `describeKey` says what may be. */
  isSecret: boolean;
  /** A value as the field takes it; undefined where it is not what the field may be. */
  parse: (value: unknown) => unknown;
}

type Details = Partial<Omit<SettingsFieldSpec, "kind" | "description">> & { description: string };

/** Names that may stand in a path, and in the name of a file on every system. */
const safeName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/;

const text = (mayBe: string, parse: SettingsFieldSpec["parse"], details: Details) =>
  ({ kind: "text", isSecret: false, variables: [], ...details, mayBe, parse }) as const;

const secret = (what: string, details: Details) =>
  text(`${what}, "$NAME" of a variable that holds it, or "!command" that prints it`, parseText, {
    isSecret: true,
    ...details,
  });

const list = (mayBe: string, details: Details) =>
  ({ kind: "list", isSecret: false, variables: [], parse: parseList, ...details, mayBe }) as const;

/**
 * The configuration of settings sync: what stands under `settings` in our file. Fields that are
 * not listed here are left alone.
 */
export const settingsSpec: Readonly<Record<SettingsField, SettingsFieldSpec>> = {
  endpoint: text(
    'an https address, such as "https://s3.example.com" (http for this machine only), or a folder, such as "~/Sync" or "file:///mnt/nas"',
    parseEndpoint,
    {
      variables: ["PI_SYNC_ENDPOINT", "R2_ENDPOINT"],
      description: "Address of an S3 service, or a folder that all machines reach.",
    },
  ),
  bucket: text(
    'the name of a bucket, such as "pi-settings"',
    matching(/^[A-Za-z\d][\w.-]{1,254}$/),
    {
      variables: ["PI_SYNC_BUCKET", "R2_BUCKET"],
      description: "Bucket of the S3 service; a folder needs none.",
    },
  ),
  region: text('the name of a region, such as "eu-central-1"', matching(/^[\w-]{1,64}$/), {
    variables: ["PI_SYNC_REGION", "AWS_REGION"],
    description: "Region of the bucket, as its provider calls it.",
  }),
  accessKeyId: secret("an access key ID", {
    variables: ["PI_SYNC_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"],
    description: "Access key ID of the bucket: itself, $NAME or !command.",
  }),
  secretAccessKey: secret("a secret access key", {
    variables: ["PI_SYNC_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"],
    description: "Secret access key that belongs to the ID: itself, $NAME or !command.",
  }),
  sessionToken: secret("a session token", {
    variables: ["PI_SYNC_SESSION_TOKEN", "AWS_SESSION_TOKEN"],
    description:
      "Session token, where the access key is a temporary one: itself, $NAME or !command.",
  }),
  prefix: text('names with slashes between them, such as "pi-sync"', parsePrefix, {
    variables: ["PI_SYNC_PREFIX"],
    description: "Where in the storage everything stands.",
  }),
  profile: text(
    "a name of at most 64 letters, digits, dots, hyphens and underscores",
    matching(safeName),
    {
      variables: ["PI_SYNC_PROFILE"],
      description: "Machines with the same profile have the same settings.",
    },
  ),
  autoSync: {
    kind: "flag",
    isSecret: false,
    variables: ["PI_SYNC_AUTO_SYNC"],
    mayBe: "true or false",
    parse: (value) => (typeof value === "boolean" ? value : undefined),
    description: "Sync when pi starts, where nothing is in doubt.",
  },
  include: list('a list of files and folders, such as ["agents/"]', {
    description: "More files and folders of pi's agent directory to sync.",
  }),
  exclude: list('a list of globs, such as ["*.log"]', {
    description: "Files that are not synced, as globs; without a slash they match at any depth.",
  }),
  localKeys: list('a list of keys of settings.json, such as ["theme"]', {
    description: "More keys of settings.json that stay on this machine.",
  }),
  machine: text(
    "a name of at most 64 letters, digits, dots, hyphens and underscores",
    matching(safeName),
    { description: "What this machine is called in the history." },
  ),
  encryptionKey: text(
    'an age identity ("AGE-SECRET-KEY-1…"), "$NAME" of a variable that holds it, or "!command" that prints it',
    parseEncryptionKey,
    {
      isSecret: true,
      description: "Encrypts all that leaves this machine: an age identity, $NAME or !command.",
    },
  ),
  allow: list('a list of findings, such as ["0f1e2d3c4b5a"]', {
    parse: parseAllow,
    description: "Findings of the search for secrets that are none.",
  }),
};

/** The fields, in the order of the table. */
export const settingsFields = Object.keys(settingsSpec) as SettingsField[];

/** The configuration in which nothing is set, on a machine of this name. */
export function defaultSettings(hostname: string): SettingsConfig {
  return {
    region: "auto",
    prefix: "pi-sync",
    profile: "default",
    autoSync: true,
    include: [],
    exclude: [],
    localKeys: [],
    machine: nameMachine(hostname),
    allow: [],
  };
}

/** Whether a text is an age identity, and not a recipient or a passphrase. */
export function isAgeIdentity(value: string): boolean {
  return /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/.test(value);
}

/** A host's name as one that may stand in the name of a file. */
export function nameMachine(hostname: string): string {
  const name = hostname.replaceAll(/[^A-Za-z0-9._-]+/g, "-").slice(0, 64);
  return name.replaceAll(/^[._-]+|[._-]+$/g, "") || "machine";
}

function matching(pattern: RegExp): SettingsFieldSpec["parse"] {
  return (value) => {
    const text = parseText(value);
    return text !== undefined && pattern.test(text) ? text : undefined;
  };
}

/** Names that a folder can have, too, and that lead nowhere else. */
function parsePrefix(value: unknown): string | undefined {
  const prefix = parseText(value)?.replaceAll(/^\/+|\/+$/g, "") ?? "";
  const isSafe = prefix.split("/").every((name) => safeName.test(name));
  return isSafe && prefix.length <= 256 ? prefix : undefined;
}

function parseEncryptionKey(value: unknown): string | undefined {
  const key = parseText(value) ?? "";
  const isReference = key.startsWith("!") || /^\$(?:\w+|\{\w+\})$/.test(key);
  return isReference || isAgeIdentity(key) ? key : undefined;
}

function parseAllow(value: unknown): string[] | undefined {
  const ids = parseList(value);
  return ids?.every((id) => /^[0-9a-f]{12}$/.test(id)) ? ids : undefined;
}
