/**
 * What a secret looks like, for values that only their name or place gives away. Everything here
 * takes the value alone and runs in time linear in its length.
 */

/** Whether a value with a known prefix was issued to somebody, and is not `ghp_xxxxxxxx`. */
export function looksIssued(value: string): boolean {
  return !/x{6}|X{6}|your|[-_]here$|EXAMPLE$/.test(value) && !/^[a-z]+(?:[-_][a-z]+)+$/.test(value);
}

/** Whether a literal under a name such as `password` is one that a person chose. */
export function looksLikePassword(value: string): boolean {
  return (
    !isReference(value) &&
    !isPlaceholder(value) &&
    !isWeak(value) &&
    !(/[-_.:/]/.test(value) && isWords(value)) &&
    /[A-Za-z]/.test(value) &&
    /[\d!@#$%^&*+=?~]/.test(value)
  );
}

/** Whether the password of an address, which is one even if it is a plain word, is not a stand-in. */
export function looksLikeUrlPassword(value: string): boolean {
  return value.length > 3 && !isReference(value) && !isPlaceholder(value) && !isWeak(value);
}

/** Whether a literal under a name such as `apiKey` was drawn by a machine. */
export function looksLikeToken(value: string): boolean {
  return (
    !isReference(value) &&
    !isPlaceholder(value) &&
    !isWords(value) &&
    (/\d/.test(value) || /^[\w+/=-]{16,}$/.test(value)) &&
    new Set(value).size >= 6
  );
}

/** Whether a bare word in code, where it may as well be a variable, can only be a secret. */
export function looksRandom(value: string): boolean {
  if (!looksLikeToken(value) || !/\d/.test(value)) return false;
  return value.length >= 16 || /[!@#$%^*+~/]/.test(value);
}

/** Whether the argument of `Authorization: Basic` is one: `user:password` in base64. */
export function isBasicCredentials(value: string): boolean {
  return /^[\x20-\x7e]*:[\x20-\x7e]+$/.test(Buffer.from(value, "base64").toString("latin1"));
}

/** `$VAR`, `${VAR}`, `%VAR%`, `process.env.X`, `os.environ["X"]`, `{{ x }}`, `getToken()`, a URL. */
function isReference(value: string): boolean {
  return (
    /^(?:\$[A-Za-z_({]|%[A-Za-z_]+%$|%[({]|[<{[]|[a-z][a-z0-9+.-]*:\/\/|[A-Za-z_$][\w$.]*\()/.test(
      value,
    ) ||
    /^(?:process\.env|import\.meta|os\.(?:environ|getenv)|env[.[]|ENV\[|secrets\.|vars\.)/.test(
      value,
    ) ||
    /\$\{|\{\{|\}\}/.test(value)
  );
}

/** Whether a value stands where a secret is to be put. */
export function isPlaceholder(value: string): boolean {
  return /x{4}|\*{3}|\.{3}|…|your|example|placeholder|change[-_]?me|dummy|redacted|replace/i.test(
    value,
  );
}

/** What everybody writes into an example. */
function isWeak(value: string): boolean {
  return /^(?:\w{0,8}pass(?:word|wd)?|pwd|secret|token|test|users?|username|admin|root|guest|postgres|mysql|redis|rabbitmq)\d{0,4}$/i.test(
    value,
  );
}

/**
 * Words, names, versions and paths, in any case, with few digits after a word: `config.apiKey2`,
 * `utf8ToBase64String`, `./dist/cli-v2.js`. Random characters make shorter words, or none.
 */
function isWords(value: string): boolean {
  return value.split(/[-_.:/$\s]/).every((part) => {
    const words = part.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);
    return words.length * 4 <= part.length + 6 && words.every((word) => wordPattern.test(word));
  });
}

const wordPattern = /^(?:[A-Z]?[a-z]*|[A-Z]+)\d{0,4}$/;
