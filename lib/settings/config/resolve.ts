import { describeValue, findMistypedNames, flagWords, kindOf } from "../../config/resolve.ts";
import type { ConfigProblem } from "../../config/resolve.ts";
import { asRecord, asString } from "../../session/value.ts";
import { findCredentials, isCredential } from "./credentials.ts";
import { isFolderEndpoint, isR2Endpoint } from "./endpoint.ts";
import { listLayers } from "./layers.ts";
import type { Given, Layers, SettingsOrigin, SettingsSources } from "./layers.ts";
import { defaultSettings, settingsFields, settingsSpec } from "./schema.ts";
import type { SettingsConfig, SettingsField } from "./schema.ts";

/** The configuration and how it came about. */
export interface ResolvedSettings {
  values: SettingsConfig;
  origin: Record<SettingsField, SettingsOrigin>;
  warnings: ConfigProblem[];
  /** Values that are not usable. The field has the next best one then: send nothing while there are any. */
  errors: ConfigProblem[];
}

/**
 * Puts the configuration together: defaults < pi-sync.local.json < file < environment, field by
 * field. A variable that other programs use, too, counts where our own is not set. Credentials are
 * one set of one source.
 */
export function resolveSettings(sources: SettingsSources): ResolvedSettings {
  const values: Record<string, unknown> = { ...defaultSettings(sources.hostname) };
  const byDefault = settingsFields.map((field) => [field, { source: "default", name: "" }]);
  const origin = Object.fromEntries(byDefault) as Record<SettingsField, SettingsOrigin>;
  const errors = findWrongShape(sources);
  const layers = listLayers(sources);
  const credentials = findCredentials(layers);
  const plain = settingsFields.flatMap((field) =>
    isCredential(field) ? [] : listGiven(field, layers),
  );
  for (const given of [...plain, ...credentials.given]) {
    const { field } = given;
    // R2 has one region; the variable is of a person who uses AWS, too.
    const isOfAws = given.label === "AWS_REGION" && isR2Endpoint(asString(values["endpoint"]));
    if (isOfAws) continue;
    const value = settingsSpec[field].parse(given.value);
    if (value === undefined) {
      errors.push(describeError(given));
    } else {
      values[field] = value;
      origin[field] = given.origin;
    }
  }
  const isFolder = isFolderEndpoint(asString(values["endpoint"]));
  const warnings = [...findMistyped(sources), ...(isFolder ? [] : credentials.warnings)];
  return { values: values as unknown as SettingsConfig, origin, warnings, errors };
}

/** What was given for a field, the weakest first. */
function listGiven(field: SettingsField, { piSync, file, aliases, own }: Layers): Given[] {
  const given = [piSync.read(field), file.read(field), own.read(field) ?? aliases.read(field)];
  return given.filter((value) => value !== undefined);
}

function findWrongShape({ path, file }: SettingsSources): ConfigProblem[] {
  if (file === undefined || asRecord(file)) return [];
  const message = `"settings" in ${path} is ${describeValue(file)}, but must be an object.`;
  return [{ message, hint: "Correct the file, or remove the field." }];
}

function findMistyped({ path, file }: SettingsSources): ConfigProblem[] {
  const names = Object.keys(asRecord(file) ?? {});
  return findMistypedNames(names, settingsFields, `"settings" of ${path}`);
}

function describeError({ field, value, origin, label }: Given): ConfigProblem {
  const { kind, mayBe, isSecret } = settingsSpec[field];
  const options = typeof value === "string" && kind === "flag" ? flagWords : mayBe;
  const what = isSecret ? kindOf(value) : describeValue(value);
  const isVariable = origin.source === "environment";
  return {
    message: `${isVariable ? "The variable " : ""}${label} is ${what}, but must be ${options}.`,
    hint: isVariable ? "Correct it, or leave it out." : "Correct the file, or remove the field.",
  };
}
