import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "../platform/paths.ts";
import type { Secret } from "./dictionary.ts";
import { findSecretName } from "./names.ts";

/** Where a person's secrets are looked for. */
export interface KnownSecretsOptions {
  readonly env: Env;
  /** pi's agent directory, with `auth.json` and `models.json`. */
  readonly agentDir: string;
  /** Secrets of our own configuration. */
  readonly own: readonly Secret[];
}

/**
 * Collects the secrets that this machine holds anyway: pi's keys and tokens, keys of its models,
 * variables of the environment with a name such as `GITHUB_TOKEN`, and our own. Files that are
 * missing or broken are passed over, and commands (`!pass show key`) are not run.
 */
export async function collectKnownSecrets(options: KnownSecretsOptions): Promise<Secret[]> {
  const { env, agentDir, own } = options;
  const files = await Promise.all([
    readJson(join(agentDir, "auth.json")),
    readJson(join(agentDir, "models.json")),
  ]);
  const fromFiles = files.flatMap((file) => findSecrets(file, [], env));
  return [...own, ...fromFiles, ...findEnvSecrets(env)];
}

/** JSON, or JSON with comments and trailing commas, which pi allows in `models.json`. */
async function readJson(path: string): Promise<unknown> {
  try {
    const text = await readFile(path, "utf8");
    return JSON.parse(
      text
        .replaceAll(/"(?:\\.|[^"\\])*"|\/\/[^\n]*/g, (match) => (match[0] === '"' ? match : ""))
        .replaceAll(/"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g, (match) => (match === "," ? "" : match)),
    );
  } catch {
    return undefined;
  }
}

/** Strings under keys that name a secret, at any depth; the provider above them names the kind. */
function findSecrets(value: unknown, path: readonly string[], env: Env): Secret[] {
  if (typeof value === "string") {
    return isSecretKey(path.at(-1) ?? "") ? resolveValue(value, kindOf(path), env) : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => findSecrets(inner, [...path, key], env));
}

function isSecretKey(key: string): boolean {
  return /^(?:key|access|refresh|authorization)$/i.test(key) || findSecretName(key) !== undefined;
}

/** `anthropic-refresh` for `{"anthropic": {"refresh": …}}`. */
function kindOf(path: readonly string[]): string {
  return path.filter((key) => !/^(?:providers|headers|models|\d+)$/.test(key)).join("-");
}

/** As pi reads such a value: a command, a variable by `$NAME`, `${NAME}` or its bare name, or itself. */
function resolveValue(value: string, kind: string, env: Env): Secret[] {
  if (value.startsWith("!")) return [];
  const name = value.replace(/^\$\{?(\w+)\}?$/, "$1");
  const literal = name === value ? value.replace(/^(?:Bearer|Basic|Token)\s+/i, "") : undefined;
  const resolved = env[name] ?? literal;
  return resolved === undefined ? [] : [{ kind, value: resolved }];
}

const secretVariable =
  /TOKEN|SECRET|PASSWD|PASSWORD|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|_(?:KEY|PASS|PWD|AUTH)$/i;

/** Such variables say where a secret is, or something about it. */
const aboutSecret = /_(?:FILE|PATH|DIR|URL|URI|ENDPOINT|NAME|TYPE|HELPER|HOST|USER|SOCK)$/i;

function findEnvSecrets(env: Env): Secret[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value && secretVariable.test(name) && !aboutSecret.test(name) ? [{ kind: name, value }] : [],
  );
}
