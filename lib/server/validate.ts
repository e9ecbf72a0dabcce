import type { Role, SessionPut } from "../opensync/wire.ts";
import {
  checkArgumentBytes,
  checkArrayLength,
  documentRefusal,
  type Measure,
  measureValue,
  stringBytes,
} from "./limits.ts";

/** A part as it is stored: unlike the client, the server takes any type. */
export interface MessagePart {
  type: string;
  content: unknown;
}

/** A message as a call brings it. */
export interface MessageSnapshot {
  sessionExternalId: string;
  externalId: string;
  role: Role;
  textContent?: string;
  model?: string;
  promptTokens?: number;
  completionTokens?: number;
  durationMs?: number;
  source?: string;
  createdAt?: number;
  parts?: MessagePart[];
}

/** A message that passed validation, and why it still cannot be stored, if so. */
export interface MessageRead {
  message: MessageSnapshot;
  refusal: Error | undefined;
  /** Its share of the 16 MiB of a call's arguments. */
  bytes: number;
}

/**
 * Reads the fields of a `POST /sync/session` body; others are ignored (contract, section 4).
 *
 * @throws Error `ArgumentValidationError: …` or a limit's text
 */
export function readSession(body: object, externalId: unknown): SessionPut {
  return finishSession(readFields({ ...body, externalId }, sessionFields));
}

/** Reads an item of a batch's `sessions`, which may hold no other field (contract, section 6). */
export function readBatchSession(item: unknown): SessionPut {
  return finishSession(readFields(checkKeys(item, batchSessionFields), batchSessionFields));
}

/**
 * Reads the fields of a `POST /sync/message` body; others are ignored (contract, section 5).
 *
 * @throws Error `ArgumentValidationError: …` or a limit's text
 */
export function readMessage(body: object): MessageRead {
  return finishMessage(readFields(body, messageFields));
}

/** Reads an item of a batch's `messages`, which may hold no other field (contract, section 6). */
export function readBatchMessage(item: unknown): MessageRead {
  return finishMessage(readFields(checkKeys(item, batchMessageFields), batchMessageFields));
}

/** The platform's error for a wrong argument. It quotes the value, as the real one does. */
export function argumentError(text: string, value: unknown): Error {
  const quoted = JSON.stringify(value).slice(0, quotedCharsMax);
  return new Error(`ArgumentValidationError: ${text}\n\nValue: ${quoted}`);
}

const quotedCharsMax = 1000;

/** Checks one field's value and returns its size. */
type Check = (value: unknown, path: string) => Measure;
type Fields = Readonly<Record<string, { check: Check; required: boolean }>>;

const text: Check = (value, path) => {
  if (typeof value !== "string") throw mismatch(path, value, "v.string()");
  return { bytes: stringBytes(value), nesting: 0 };
};

const number: Check = (value, path) => {
  if (typeof value !== "number") throw mismatch(path, value, "v.float64()");
  return { bytes: 9, nesting: 0 };
};

const roles: ReadonlySet<unknown> = new Set<Role>([
  "user",
  "assistant",
  "system",
  "tool",
  "unknown",
]);

const role: Check = (value, path) => {
  if (!roles.has(value)) throw mismatch(path, value, "v.union(v.literal(…))");
  return { bytes: 16, nesting: 0 };
};

/** Parts are documents of their own, so their sizes are checked in `finishMessage`. */
const parts: Check = (value, path) => {
  if (!Array.isArray(value)) throw mismatch(path, value, "v.array(v.object({…}))");
  checkArrayLength(value.length);
  return { bytes: 0, nesting: 0 };
};

const required = (check: Check) => ({ check, required: true });
const optional = (check: Check) => ({ check, required: false });

const batchSessionFields: Fields = {
  externalId: required(text),
  title: optional(text),
  projectPath: optional(text),
  projectName: optional(text),
  model: optional(text),
  provider: optional(text),
  source: optional(text),
  promptTokens: optional(number),
  completionTokens: optional(number),
  cost: optional(number),
  durationMs: optional(number),
};
const sessionFields: Fields = { ...batchSessionFields, createdAt: optional(number) };

const batchMessageFields: Fields = {
  sessionExternalId: required(text),
  externalId: required(text),
  role: required(role),
  textContent: optional(text),
  model: optional(text),
  promptTokens: optional(number),
  completionTokens: optional(number),
  durationMs: optional(number),
  source: optional(text),
  parts: optional(parts),
};
const messageFields: Fields = { ...batchMessageFields, createdAt: optional(number) };

const partFields: Fields = {
  type: required(text),
  content: required((value) => measureValue(value, partDepth)),
};
/** Levels around a part's content: the arguments, the list of parts, the part. */
const partDepth = 3;

/** The known fields of a body, in one object, and their size as a document. */
function readFields(body: object, fields: Fields): FieldsRead {
  const given = body as Record<string, unknown>;
  const values: Record<string, unknown> = {};
  const measure: Measure = { bytes: documentOverheadBytes, nesting: 1 };
  for (const [name, field] of Object.entries(fields)) {
    const value = given[name];
    if (value !== undefined) {
      const { bytes, nesting } = field.check(value, `.${name}`);
      measure.bytes += bytes;
      measure.nesting = Math.max(measure.nesting, nesting + 1);
      values[name] = value;
    } else if (field.required) {
      throw argumentError(`Object is missing the required field \`${name}\`.`, body);
    }
  }
  return { values, measure };
}

interface FieldsRead {
  values: object;
  measure: Measure;
}

/** About what the platform adds to a document: field names, ids, times. */
const documentOverheadBytes = 100;

function checkKeys(item: unknown, fields: Fields): object {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    throw mismatch("", item, "v.object({…})");
  }
  for (const name of Object.keys(item)) {
    if (Object.hasOwn(fields, name)) continue;
    throw argumentError(
      `Object contains extra field \`${name}\` that is not in the validator.`,
      item,
    );
  }
  return item;
}

function finishSession({ values, measure }: FieldsRead): SessionPut {
  const refusal = documentRefusal(measure);
  if (refusal) throw refusal;
  return values as SessionPut;
}

function finishMessage({ values, measure }: FieldsRead): MessageRead {
  const message = values as MessageSnapshot;
  let bytes = measure.bytes;
  let refusal = documentRefusal(measure);
  for (const part of message.parts ?? []) {
    const partMeasure = readFields(checkKeys(part, partFields), partFields).measure;
    bytes += partMeasure.bytes;
    refusal ??= documentRefusal(partMeasure);
  }
  checkArgumentBytes(bytes);
  return { message, refusal, bytes };
}

function mismatch(path: string, value: unknown, validator: string): Error {
  return argumentError(
    `Value does not match validator.\nPath: ${path}\nValidator: ${validator}`,
    value,
  );
}
