import type { MessagePut, SessionPut } from "../opensync/wire.ts";
import type { DictionaryEntry } from "./dictionary.ts";
import { maskText } from "./mask.ts";
import type { MaskedText } from "./mask.ts";
import { findSecretName } from "./names.ts";
import type { SecretName } from "./names.ts";
import { rules as allRules } from "./rules.ts";
import type { Rule } from "./rules.ts";
import { createScanner } from "./scan.ts";
import type { SecretRange } from "./scan.ts";

/** A secret that was replaced. */
export interface Finding {
  readonly kind: string;
  /** Where it stood: `parts[1].content.args.command`; empty for a text by itself. */
  readonly where: string;
  /** Its first characters, at most four and at most a quarter of it, and `…`. */
  readonly masked: string;
}

/** A value without its secrets; the very same value when it had none. */
export interface Redacted<T> {
  readonly value: T;
  readonly findings: readonly Finding[];
}

/** Replaces secrets by markers, `[redacted:github-token]`. Doing so twice changes nothing more. */
export interface Redactor {
  readonly redactText: (text: string) => Redacted<string>;
  /** All text of a message: `textContent` and whatever its parts hold, keys of objects included. */
  readonly redactMessage: (put: MessagePut) => Redacted<MessagePut>;
  /** The title of a session. */
  readonly redactSession: (put: SessionPut) => Redacted<SessionPut>;
}

/** What a redactor works with. */
export interface RedactorOptions {
  readonly dictionary: readonly DictionaryEntry[];
  /** Every rule of the table, if left out. */
  readonly rules?: readonly Rule[];
  /**
   * A random value of this installation. With it, markers end in four hex digits,
   * `[redacted:jwt#3f9a]`: the same for the same secret, and no help to guess it.
   */
  readonly salt?: string;
}

/** Makes a redactor, which is worth keeping: it holds an index of the dictionary and the rules. */
export function createRedactor(options: RedactorOptions): Redactor {
  const mask = createMask(options);
  return {
    redactText: (text) => {
      const findings: Finding[] = [];
      return { value: redactString(text, { key: "", where: "", mask, findings }), findings };
    },
    redactMessage: (put) => redactFields(put, ["textContent", "parts"], mask),
    redactSession: (put) => redactFields(put, ["title"], mask),
  };
}

/** Masks a text that stands under a key; under none, the key is empty. */
type Mask = (text: string, key: string) => MaskedText;

function createMask({ dictionary, rules = allRules, salt }: RedactorOptions): Mask {
  const scan = createScanner(dictionary, rules);
  // A message says the same text in `textContent` and in its part; it is scanned once.
  let last: { text: string; masked: MaskedText } | undefined;
  return (text, key) => {
    const name = findSecretName(key);
    if (name !== undefined) {
      return maskText(text, (text) => [...scan(text), ...wholeValue(text, name)], salt);
    }
    if (last?.text !== text) last = { text, masked: maskText(text, scan, salt) };
    return last.masked;
  };
}

/** The limit of the rules for values of a name, too. */
const valueCharsMax = 65_536;

/** The whole value of a key such as `apiKey`, if it is a literal; any rule knows its kind better. */
function wholeValue(text: string, { kind, accepts }: SecretName): SecretRange[] {
  if (text.length < 8 || text.length > valueCharsMax || /\s/.test(text) || !accepts(text))
    return [];
  const rank = Number.MAX_SAFE_INTEGER;
  return [{ start: 0, end: text.length, kind, secret: text, confidence: "high", rank }];
}

function redactFields<T extends object>(
  put: T,
  fields: readonly (keyof T & string)[],
  mask: Mask,
): Redacted<T> {
  const findings: Finding[] = [];
  const changed: Record<string, unknown> = {};
  for (const field of fields) {
    const redacted = redactValue(put[field], { key: field, where: field, mask, findings });
    if (redacted !== put[field]) changed[field] = redacted;
  }
  return { value: findings.length === 0 ? put : { ...put, ...changed }, findings };
}

/** Where a walk through a value stands, and what it gathers. */
interface Place {
  readonly key: string;
  readonly where: string;
  readonly mask: Mask;
  readonly findings: Finding[];
}

/** A value of JSON with its strings masked; whatever has no secret is handed back, not copied. */
function redactValue(value: unknown, place: Place): unknown {
  if (typeof value === "string") return redactString(value, place);
  if (Array.isArray(value)) return redactArray(value, place);
  if (typeof value === "object" && value !== null) return redactObject(value, place);
  return value;
}

function redactString(text: string, { key, where, mask, findings }: Place): string {
  const masked = mask(text, key);
  for (const { kind, secret } of masked.secrets) {
    findings.push({ kind, where, masked: showStart(secret) });
  }
  return masked.text;
}

/** As much of a secret as may be shown: its first characters, at most four and a quarter of it, and `…`. */
export function showStart(secret: string): string {
  return `${secret.slice(0, Math.min(4, Math.floor(secret.length / 4)))}…`;
}

function redactArray(values: readonly unknown[], place: Place): readonly unknown[] {
  const redacted = values.map((value, index) =>
    redactValue(value, { ...place, key: "", where: `${place.where}[${index}]` }),
  );
  return redacted.every((value, index) => Object.is(value, values[index])) ? values : redacted;
}

function redactObject(object: object, place: Place): object {
  const redacted = new Map<string, unknown>();
  let changed = false;
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    const name = unusedKey(redactString(key, { ...place, key: "" }), redacted);
    const inner = redactValue(value, { ...place, key, where: `${place.where}.${name}` });
    changed ||= name !== key || !Object.is(inner, value);
    redacted.set(name, inner);
  }
  return changed ? Object.fromEntries(redacted) : object;
}

/** Two secrets as keys may get the same marker; neither value is lost for that. */
function unusedKey(key: string, used: ReadonlyMap<string, unknown>): string {
  let name = key;
  for (let number = 2; used.has(name); number++) name = `${key} (${number})`;
  return name;
}
