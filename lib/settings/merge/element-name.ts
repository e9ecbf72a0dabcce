import { canonicalJson, ownField } from "../canonical-json.ts";
import { asRecord } from "../../session/value.ts";

/**
 * What an element of a list is known by when it changes: a text by itself, an object by its
 * `source`, `id` or `name`, anything else by what it is. pi writes a package as its source, or as
 * an object with it: both are the same element, in whatever version.
 */
export function elementName(element: unknown): string {
  const name = typeof element === "string" ? element : nameField(element);
  return name === undefined ? canonicalJson(element) : `=${withoutVersion(name)}`;
}

function nameField(element: unknown): string | undefined {
  const record = asRecord(element);
  if (record === undefined) return undefined;
  return ["source", "id", "name"]
    .map((field) => ownField(record, field))
    .find((value) => typeof value === "string");
}

/** The source of a package without the version or the branch behind `@` or `#`. */
function withoutVersion(source: string): string {
  const scheme = /^(?:npm:@?|(?:git|github|https?|ssh):)/.exec(source)?.[0];
  if (scheme === undefined) return source;
  const path = scheme.startsWith("npm:") ? scheme.length : source.search(/[^/:]\/[^/]/) + 2;
  const version = source.slice(path).search(/[@#]/);
  return version === -1 || path === 1 ? source : source.slice(0, path + version);
}
