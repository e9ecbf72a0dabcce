import { looksLikePassword, looksLikeToken } from "./shape.ts";

/** A kind of secret that is known by the name of its variable, key, header or flag. */
export interface SecretName {
  /** What stands in the marker: `[redacted:password]`. */
  readonly kind: string;
  /** Source of a regex for the end of the name, in lower case; it has no capture. */
  readonly words: string;
  /** How such a name's last words begin, in lower case. */
  readonly hints: readonly string[];
  /** Whether a literal under that name is a secret, and not a placeholder or a reference. */
  readonly accepts: (value: string) => boolean;
}

/** What makes a key a secret one: `apiKey`, `SIGNING_KEY`. */
const firstWords = [
  "api",
  "access",
  "secret",
  "private",
  "auth",
  "signing",
  "encryption",
  "master",
  "shared",
];

/** Names of passwords, and names of what machines issue. */
export const secretNames: readonly SecretName[] = [
  {
    kind: "password",
    words: "(?:passw(?:or)?d|passphrase|(?<=[_\\-\"']|^)(?:pwd|pass))",
    hints: ["pass", "pwd"],
    accepts: looksLikePassword,
  },
  {
    kind: "secret",
    words:
      `(?:(?:${firstWords.join("|")})[_ -]?(?:access[_ -]?)?key(?:[_-]?(?:id|base))?` +
      "|secret|(?<!(?:next|page|continuation|cancellation|sync)[_-]?)token|credentials?|_auth)",
    hints: ["token", "credential", "_auth", ...firstWords],
    accepts: looksLikeToken,
  },
];

const keys = secretNames.map((name) => ({
  name,
  pattern: new RegExp(`${name.words}(?:[_-]?\\d{1,2})?$`, "i"),
}));

/** The kind of secret that a value under this key would be: `apiKey`, `DB_PASSWORD`; else undefined. */
export function findSecretName(key: string): SecretName | undefined {
  return keys.find(({ pattern }) => pattern.test(key))?.name;
}
