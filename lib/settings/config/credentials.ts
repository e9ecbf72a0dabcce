import type { ConfigProblem } from "../../config/resolve.ts";
import type { Given, Layer, Layers } from "./layers.ts";
import type { SettingsField } from "./schema.ts";

const credentialFields = ["accessKeyId", "secretAccessKey", "sessionToken"] as const;

/** Whether a field is one of the three that belong together. */
export function isCredential(field: SettingsField): boolean {
  return credentialFields.some((name) => name === field);
}

/**
 * The credentials of the strongest place that gives an ID and a secret; where none does, those of
 * the strongest that gives anything. A token from elsewhere would belong to another key.
 * `warnings` are of stronger places that give a part only.
 */
export function findCredentials({ own, aliases, file, piSync }: Layers): {
  given: Given[];
  warnings: ConfigProblem[];
} {
  const incomplete: { layer: Layer; given: Given[] }[] = [];
  for (const layer of [own, aliases, file, piSync]) {
    const given = credentialFields.flatMap((field) => layer.read(field) ?? []);
    if (listMissing(given).length === 0) {
      return { given, warnings: incomplete.map(describeIncomplete) };
    }
    if (given.length > 0) incomplete.push({ layer, given });
  }
  return { given: incomplete[0]?.given ?? [], warnings: incomplete.map(describeIncomplete) };
}

function listMissing(given: readonly Given[]): SettingsField[] {
  const needed: SettingsField[] = ["accessKeyId", "secretAccessKey"];
  return needed.filter((field) => !given.some((value) => value.field === field));
}

function describeIncomplete(incomplete: { layer: Layer; given: Given[] }): ConfigProblem {
  const { layer, given } = incomplete;
  const missing = listMissing(given).map((field) => layer.label(field));
  const present = given.map(({ label }) => label);
  return {
    message: `${join(present)} ${verb(present)} set without ${join(missing)}.`,
    hint: `Set ${join(missing)}, too, or remove ${join(present)}: a key and its secret are taken from one place.`,
  };
}

function join(names: readonly string[]): string {
  return names.join(" and ");
}

function verb(names: readonly string[]): string {
  return names.length === 1 ? "is" : "are";
}
