import { AppError } from "../errors.ts";
import { isRemote } from "../pi/package-source.ts";
import { formatSettings, parseSettings } from "../pi/settings-text.ts";
import type { PiSettings } from "../pi/settings-text.ts";
import { asArray, asRecord, asString } from "../session/value.ts";
import { canonicalJson, isNestedTooDeeply, isSameJson, ownField } from "./canonical-json.ts";

/** The keys of pi's settings.json that mean something on this machine only. */
const machineKeys: readonly string[] = [
  "lastChangelogVersion",
  "shellPath",
  "npmCommand",
  "sessionDir",
  "shellCommandPrefix",
];

/**
 * The shared part of a settings.json as canonical JSON: all but `machineKeys`, `localKeys` (names,
 * or paths such as `terminal.images`) and packages that are paths on this machine. Undefined where
 * nothing is left.
 *
 * An empty list of packages, and an empty object that could hold one of `localKeys`, is as none:
 * what stays on this machine does not show in the shared part.
 *
 * @throws AppError "config" where the text is no JSON object
 */
export function shareSettings(text: string, localKeys: readonly string[]): Uint8Array | undefined {
  const shared = pickFields(parse("settings.json", text), undefined, readLocality(localKeys));
  return isSameJson(shared, {})
    ? undefined
    : new TextEncoder().encode(`${canonicalJson(shared, "  ")}\n`);
}

/**
 * The text of a settings.json with its shared part replaced by `shared`, or by nothing where that
 * is undefined. What is local stays, whatever `shared` says of it. The order of keys and the style
 * stay as well, and all of the text where nothing changes.
 *
 * @throws AppError "config" where one of the two is no JSON object
 */
export function applyShared(
  text: string,
  shared: Uint8Array | undefined,
  localKeys: readonly string[],
): string {
  const locality = readLocality(localKeys);
  const settings = parse("settings.json", text);
  const received =
    shared && parse("The settings.json of the storage", new TextDecoder().decode(shared));
  const incoming = pickFields(received ?? {}, undefined, locality);
  if (isSameJson(pickFields(settings, undefined, locality), incoming)) return text;
  return formatSettings(overlayRecord(settings, incoming, undefined, locality), text);
}

function parse(path: string, text: string): PiSettings {
  const settings = parseSettings(path, text);
  if (!isNestedTooDeeply(settings)) return settings;
  throw new AppError("config", `${path} is nested too deeply.`, {
    hint: "Look at what wrote it: no setting of pi is like that.",
  });
}

/** Which keys are local, by their path from the top. */
interface Locality {
  isLocal(path: string): boolean;
  /** Whether the object there can have local keys beside shared ones. */
  isMixed(path: string): boolean;
}

function readLocality(localKeys: readonly string[]): Locality {
  const keys = new Set([...machineKeys, ...localKeys]);
  return {
    isLocal: (path) => keys.has(path),
    isMixed: (path) => localKeys.some((key) => key.startsWith(`${path}.`)),
  };
}

/** The path of a field; the object at the top has none. */
function pathTo(key: string, path: string | undefined): string {
  return path === undefined ? key : `${path}.${key}`;
}

/** The shared part of a value; undefined where it has none. */
function pick(value: unknown, path: string, locality: Locality): unknown {
  if (locality.isLocal(path)) return undefined;
  if (path === "packages") {
    const packages = asArray(value).filter((entry) => !isLocalPackage(entry));
    return packages.length > 0 ? packages : undefined;
  }
  if (!locality.isMixed(path)) return value;
  const fields = pickFields(asRecord(value) ?? {}, path, locality);
  return Object.keys(fields).length > 0 ? fields : undefined;
}

function pickFields(record: PiSettings, path: string | undefined, locality: Locality): PiSettings {
  return Object.fromEntries(
    Object.entries(record)
      .map(([key, field]) => [key, pick(field, pathTo(key, path), locality)] as const)
      .filter(([, field]) => field !== undefined),
  );
}

/** Whether an entry of `packages` is a path: pi takes all for one that names no other place. */
function isLocalPackage(entry: unknown): boolean {
  const source = asString(entry) ?? asString(asRecord(entry)?.["source"]);
  return source !== undefined && !isRemote(source.trim());
}

/** A value with its shared part replaced; undefined where nothing is left of it. */
function overlay(value: unknown, incoming: unknown, path: string, locality: Locality): unknown {
  if (locality.isLocal(path) || isSameJson(pick(value, path, locality), incoming)) return value;
  if (path === "packages") return overlayPackages(asArray(value), asArray(incoming));
  const record = asRecord(value);
  const fields = asRecord(incoming);
  if (record && (fields || locality.isMixed(path))) {
    const changed = overlayRecord(record, fields ?? {}, path, locality);
    return fields || Object.keys(changed).length > 0 ? changed : undefined;
  }
  return Array.isArray(incoming) ? keepElements(asArray(value), incoming) : incoming;
}

/** Fields stay in their order; new ones come behind. */
function overlayRecord(
  record: PiSettings,
  incoming: PiSettings,
  path: string | undefined,
  locality: Locality,
): PiSettings {
  const names = new Set([...Object.keys(record), ...Object.keys(incoming)]);
  const fields = [...names].map((name) => {
    const field = overlay(
      ownField(record, name),
      ownField(incoming, name),
      pathTo(name, path),
      locality,
    );
    return [name, field] as const;
  });
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
}

/** Local packages keep their places; the others follow each other in the places between. */
function overlayPackages(
  packages: readonly unknown[],
  incoming: readonly unknown[],
): readonly unknown[] | undefined {
  const rest = keepElements(packages, incoming).values();
  const replaced = packages.flatMap((entry) => {
    if (isLocalPackage(entry)) return [entry];
    const next = rest.next();
    return next.done === true ? [] : [next.value];
  });
  const all = [...replaced, ...rest];
  return all.length > 0 ? all : undefined;
}

/** The new elements, with those that were there before as they are written: their fields in order. */
function keepElements(before: readonly unknown[], after: readonly unknown[]): unknown[] {
  const written = new Map(before.map((element) => [canonicalJson(element), element]));
  return after.map((element) => written.get(canonicalJson(element)) ?? element);
}
