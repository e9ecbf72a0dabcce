/** A secret of this person, known beforehand. */
export interface Secret {
  /** What it is, for the marker: `anthropic-key`, `GITHUB_TOKEN`. */
  readonly kind: string;
  readonly value: string;
}

/** One way in which a secret may stand in a text. */
export interface DictionaryEntry {
  readonly literal: string;
  /** Lower case letters, digits and hyphens. */
  readonly kind: string;
  readonly secret: string;
  /** Whether a character of base64 before or after the literal holds some of the secret's bits. */
  readonly edges: { readonly before: boolean; readonly after: boolean };
}

/** Shorter values stand in ordinary text too often to be taken for the secret. */
const secretCharsMin = 8;

/**
 * The dictionary of a person's secrets: each as it is, JSON-escaped, URL-encoded, and in base64,
 * also in the midst of longer base64. Values that text holds anyway are left out: those under 8
 * characters, words, numbers, paths, addresses and names of variables. The longest come first, so
 * that a secret with another one inside gives its own kind.
 */
export function buildDictionary(secrets: readonly Secret[]): DictionaryEntry[] {
  const entries = new Map<string, DictionaryEntry>();
  for (const { kind, value } of secrets) {
    if (isTrivial(value)) continue;
    const base = { kind: toMarkerKind(kind), secret: value };
    for (const { literal, edges } of [...plainForms(value), ...base64Forms(value)]) {
      if (!entries.has(literal)) entries.set(literal, { ...base, literal, edges });
    }
  }
  return [...entries.values()].sort((a, b) => b.literal.length - a.literal.length);
}

function isTrivial(value: string): boolean {
  return (
    value.length < secretCharsMin ||
    new Set(value).size < 4 ||
    /^\d{1,15}$/.test(value) ||
    /^(?:password|passwd|secret|token|localhost|changeme|example)[\d:]*$/i.test(value) ||
    /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(value) ||
    /^[a-z][a-z0-9+.-]*:\/\/[^@]*$/i.test(value) ||
    isPath(value) ||
    (value.length < 20 && isWords(value))
  );
}

/** A path has names between its slashes; a key that begins with a slash has not. */
function isPath(value: string): boolean {
  return (
    /^(?:~|\.{1,2}|[A-Za-z]:)?[\\/]/.test(value) &&
    value.split(/[-_.@:\\/ ~]/).every((word) => /^[A-Z]{0,12}[a-z]*\d{0,4}$/.test(word))
  );
}

function isWords(value: string): boolean {
  return value.split(/[-_.:/ ]/).every((word) => /^(?:[A-Z]?[a-z]*|[A-Z]*)$/.test(word));
}

function toMarkerKind(kind: string): string {
  return (
    kind
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "secret"
  );
}

type Form = Pick<DictionaryEntry, "literal" | "edges">;

function plainForms(value: string): Form[] {
  const url = encodeURIComponent(value.toWellFormed());
  const strictUrl = url.replaceAll(/[!'()*]/g, percentEncode);
  const json = JSON.stringify(value).slice(1, -1);
  const literals = [value, json, ...[url, strictUrl].flatMap((form) => [form, withLowerHex(form)])];
  return literals.map((literal) => ({ literal, edges: { before: false, after: false } }));
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function withLowerHex(url: string): string {
  return url.replaceAll(/%../g, (code) => code.toLowerCase());
}

/** Base64 writes three bytes at a time, so a secret in longer base64 has one of three looks. */
function base64Forms(value: string): Form[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = padded.toString("base64").replaceAll("=", "");
    const ownBits = padded.length * 8;
    const literal = whole.slice(Math.ceil((offset * 8) / 6), Math.floor(ownBits / 6));
    const edges = { before: offset > 0, after: ownBits % 6 !== 0 };
    const urlSafe = literal.replaceAll("+", "-").replaceAll("/", "_");
    return [
      { literal, edges },
      { literal: urlSafe, edges },
    ];
  });
}
