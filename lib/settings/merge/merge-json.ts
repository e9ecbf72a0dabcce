import { asRecord } from "../../session/value.ts";
import { isSameJson } from "../canonical-json.ts";
import { elementName } from "./element-name.ts";
import { mergeOrder } from "./merge-order.ts";

/** What came of a merge by key; `where` are the paths of the keys that conflict. */
export type JsonMerge = { kind: "merged"; value: unknown } | { kind: "conflict"; where: string[] };

/** Three versions of something; undefined where there is none. */
interface Versions<T> {
  base: T;
  local: T;
  remote: T;
}

/**
 * Merges two changes of a JSON value, in objects by key and in lists by element (`elementName`). A
 * list in which an element stands twice is not looked into. Without a base, both sides added all
 * that they have. Values must not be nested without bounds.
 *
 * A path looks like `compaction.enabled` or `packages[npm:name]`. It never tells a value.
 */
export function mergeJson(base: unknown, local: unknown, remote: unknown): JsonMerge {
  const where: string[] = [];
  const value = mergeValue({ base, local, remote }, "", where);
  return where.length > 0 ? { kind: "conflict", where } : { kind: "merged", value };
}

/** Adds to `where` what conflicts; the value means nothing then. */
function mergeValue(versions: Versions<unknown>, path: string, where: string[]): unknown {
  const { base, local, remote } = versions;
  if (isSameJson(local, remote) || isSameJson(base, remote)) return local;
  if (isSameJson(base, local)) return remote;
  const merged = mergeRecords(versions, path, where) ?? mergeLists(versions, path, where);
  if (merged === undefined) where.push(path === "" ? "the whole file" : path);
  return merged;
}

/** Undefined where the sides are no objects. */
function mergeRecords(
  { base, local, remote }: Versions<unknown>,
  path: string,
  where: string[],
): Record<string, unknown> | undefined {
  const [ours, theirs] = [asRecord(local), asRecord(remote)];
  if (ours === undefined || theirs === undefined) return undefined;
  const tables = {
    base: new Map(Object.entries(asRecord(base) ?? {})),
    local: new Map(Object.entries(ours)),
    remote: new Map(Object.entries(theirs)),
  };
  const pathOf = (key: string): string => (path === "" ? key : `${path}.${key}`);
  return Object.fromEntries(mergeTables(tables, pathOf, where));
}

/** Undefined where the sides are no lists, or an element stands twice in one. */
function mergeLists(
  { base, local, remote }: Versions<unknown>,
  path: string,
  where: string[],
): unknown[] | undefined {
  const tables = {
    base: listTable(Array.isArray(base) ? base : []),
    local: listTable(local),
    remote: listTable(remote),
  };
  if (!isComplete(tables)) return undefined;
  const pathOf = (name: string): string => `${path}[${name.replace(/^=/, "")}]`;
  const merged = mergeTables(tables, pathOf, where);
  const names = mergeOrder(new Set(merged.keys()), {
    base: [...tables.base.keys()],
    local: [...tables.local.keys()],
    remote: [...tables.remote.keys()],
  });
  return names.map((name) => merged.get(name));
}

type Table = ReadonlyMap<string, unknown>;

/** The elements of a list by their names; undefined where a name stands twice, or it is no list. */
function listTable(list: unknown): Table | undefined {
  if (!Array.isArray(list)) return undefined;
  const table = new Map(list.map((element: unknown) => [elementName(element), element]));
  return table.size === list.length ? table : undefined;
}

function isComplete(tables: Versions<Table | undefined>): tables is Versions<Table> {
  return Object.values(tables).every((table) => table !== undefined);
}

/** Merges entry by entry: those of local in their order, then what only remote has. */
function mergeTables(
  { base, local, remote }: Versions<Table>,
  pathOf: (name: string) => string,
  where: string[],
): Map<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const name of new Set([...local.keys(), ...remote.keys()])) {
    const versions = {
      base: base.get(name),
      local: local.get(name),
      remote: remote.get(name),
    };
    const value = mergeValue(versions, pathOf(name), where);
    if (value !== undefined) merged.set(name, value);
  }
  return merged;
}
