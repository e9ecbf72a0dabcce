import { findSecretName } from "../../redact/names.ts";
import type { SecretRange } from "../../redact/scan.ts";
import { looksLikeToken } from "../../redact/shape.ts";
import { listJsonStrings } from "./json-strings.ts";
import type { JsonString } from "./json-strings.ts";

/** What the keys of a JSON text say of its values. */
export interface JsonSecrets {
  /** Values that are secrets, because a key such as `apiKey` says so. */
  readonly secrets: SecretRange[];
  /** Where values begin that only say where a secret is, though their key promises one. */
  readonly references: ReadonlySet<number>;
}

/** The shortest secret; the rules for names have the same limit. */
const charsMin = 8;

/** Judges the values of a JSON text by their keys; a text that is none has neither. */
export function judgeJson(text: string): JsonSecrets {
  const secrets: SecretRange[] = [];
  const references = new Set<number>();
  if (!/^[\s\uFEFF]*(?:[{[]|\/[/*])/.test(text)) return { secrets, references };
  for (const string of listJsonStrings(text)) {
    const name = findName(string.key);
    if (name === undefined) continue;
    if (isReference(string.value)) references.add(string.start);
    else secrets.push(...findLiteral(string, name));
  }
  return { secrets, references };
}

type Name = Pick<NonNullable<ReturnType<typeof findSecretName>>, "kind" | "accepts">;

function findName(key: string): Name | undefined {
  if (!/^(?:proxy-)?authorization$/i.test(key)) return findSecretName(key);
  return { kind: "authorization-header", accepts: looksLikeToken };
}

/** As pi reads it: a command, a variable by `$NAME`, `${NAME}` or its bare name; or a colour, or the hash of a package. */
function isReference(value: string): boolean {
  return (
    value.startsWith("!") ||
    /^\$(?:\w+|\{\w+\})$/.test(value) ||
    /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(value) ||
    /^#[0-9a-f]{3,8}$/i.test(value) ||
    /^sha\d{1,3}-/.test(value)
  );
}

function findLiteral(string: JsonString, { kind, accepts }: Name): SecretRange[] {
  const scheme = /^(?:Bearer|Basic|Token)\s+/i.exec(string.value)?.[0] ?? "";
  const secret = string.value.slice(scheme.length);
  if (secret.length < charsMin || /\s/.test(secret) || !accepts(secret)) return [];
  // No scheme holds a character that JSON escapes, but for a tab nobody writes.
  const start = string.start + scheme.length;
  const rank = Number.MAX_SAFE_INTEGER;
  return [{ start, end: string.end, kind, secret, confidence: "high", rank }];
}
