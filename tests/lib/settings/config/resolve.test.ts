import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { resolveSettings } from "../../../../lib/settings/config/resolve.ts";
import type { SettingsSources } from "../../../../lib/settings/config/layers.ts";
import { settingsFields, settingsSpec } from "../../../../lib/settings/config/schema.ts";
import type { SettingsField } from "../../../../lib/settings/config/schema.ts";

const path = "/home/ada/config.json";
const piSyncPath = "/home/ada/.pi/agent/pi-sync.local.json";

const resolve = (sources: Partial<SettingsSources>) =>
  resolveSettings({
    path,
    file: undefined,
    piSyncPath,
    piSync: {},
    env: {},
    hostname: "ada-laptop",
    ...sources,
  });

const identity = `AGE-SECRET-KEY-1${"Q".repeat(58)}`;

/** For every field: what the older file, ours and the environment may say, and what it means. */
const samples: Partial<Record<SettingsField, [piSync: unknown, file: unknown, env: string]>> = {
  endpoint: ["https://a.example", "https://b.example", "https://c.example"],
  bucket: ["bucket-a", "bucket-b", "bucket-c"],
  region: ["region-a", "region-b", "region-c"],
  prefix: ["a", "b/b", "c"],
  profile: ["a", "b", "c"],
};

describe("sources", () => {
  test("without any there are the defaults, and no storage", () => {
    const { values, origin, warnings, errors } = resolve({});
    expect(values).toEqual({
      region: "auto",
      prefix: "pi-sync",
      profile: "default",
      autoSync: true,
      include: [],
      exclude: [],
      localKeys: [],
      machine: "ada-laptop",
      allow: [],
    });
    expect(new Set(Object.values(origin).map(({ source }) => source))).toEqual(
      new Set(["default"]),
    );
    expect(Object.keys(origin)).toEqual(settingsFields);
    expect([warnings, errors]).toEqual([[], []]);
  });

  test.each(Object.entries(samples))("%s: older file, our file, variable", (name, [a, b, c]) => {
    const field = name as SettingsField;
    const [variable = ""] = settingsSpec[field].variables;
    const piSync = { [field]: a };
    const file = { [field]: b };
    const env = { [variable]: c };
    for (const [sources, value, origin] of [
      [{ piSync }, a, { source: "pi-sync", name: piSyncPath }],
      [{ piSync, file }, b, { source: "file", name: path }],
      [{ piSync, file, env }, c, { source: "environment", name: variable }],
      [{ piSync, env }, c, { source: "environment", name: variable }],
    ] as const) {
      const resolved = resolve(sources);
      expect(resolved.errors).toEqual([]);
      expect(resolved.values[field]).toBe(value as never);
      expect(resolved.origin[field]).toEqual(origin);
    }
  });

  test.each([
    ["endpoint", "R2_ENDPOINT", "https://r2.example", "https://own.example"],
    ["bucket", "R2_BUCKET", "r2-bucket", "own-bucket"],
    ["region", "AWS_REGION", "eu-central-1", "own-region"],
  ] as const)("%s is also in %s, where ours is not set", (field, alias, value, own) => {
    const [variable = ""] = settingsSpec[field].variables;
    const aliased = resolve({ file: { [field]: "https://b.example" }, env: { [alias]: value } });
    expect(aliased.values[field]).toBe(value);
    expect(aliased.origin[field].name).toBe(alias);
    const both = resolve({ env: { [alias]: "?", [variable]: own } });
    expect(both.values[field]).toBe(own);
    expect(both.errors).toEqual([]);
  });

  test("the region of AWS is not that of R2, but ours is", () => {
    const endpoint = "https://0123.eu.r2.cloudflarestorage.com/";
    const env = { AWS_REGION: "eu-central-1" };
    expect(resolve({ env, file: { endpoint } }).values.region).toBe("auto");
    expect(resolve({ env: { ...env, R2_ENDPOINT: endpoint } }).values.region).toBe("auto");
    const own = { ...env, PI_SYNC_REGION: "wnam" };
    expect(resolve({ env: own, file: { endpoint } }).values.region).toBe("wnam");
    expect(resolve({ env, file: { endpoint: "/mnt/nas" } }).values.region).toBe("eu-central-1");
  });

  test("placeholders of the older file and what it does not know are as not given", () => {
    const piSync = {
      endpoint: "https://<account-id>.r2.cloudflarestorage.com",
      accessKeyId: "<access-key-id>",
      secretAccessKey: "<secret-access-key>",
      bucket: "",
      sessionToken: null,
      autoSync: "false",
      machine: "other",
      include: ["x"],
    };
    const { values, errors, warnings } = resolve({ piSync });
    expect([errors, warnings]).toEqual([[], []]);
    expect(values).toEqual({ ...resolve({}).values, autoSync: false });
  });

  test("automatic sync can be turned off by a word", () => {
    for (const word of ["0", "false", "Off", "no"]) {
      expect(resolve({ env: { PI_SYNC_AUTO_SYNC: word } }).values.autoSync).toBe(false);
    }
    const [error] = resolve({ env: { PI_SYNC_AUTO_SYNC: "maybe" } }).errors;
    expect(error?.message).toBe(
      'The variable PI_SYNC_AUTO_SYNC is "maybe", but must be true or false (or 1, 0, yes, no, on, off).',
    );
  });
});

describe("credentials", () => {
  const set = (name: string, token = false) => ({
    accessKeyId: `${name}-id`,
    secretAccessKey: `${name}-secret`,
    ...(token && { sessionToken: `${name}-token` }),
  });
  const variables = (prefix: string, token = false) =>
    Object.fromEntries(
      Object.entries(set(prefix, token)).map(([field, value]) => [
        `${prefix}_${field.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
        value,
      ]),
    );

  test("come together from the strongest place that has an ID and a secret", () => {
    const places = {
      own: { env: variables("PI_SYNC") },
      aws: { env: variables("AWS", true) },
      file: { file: set("file", true) },
      piSync: { piSync: set("old", true) },
    };
    const given = (sources: Partial<SettingsSources>) => {
      const { accessKeyId, secretAccessKey, sessionToken } = resolve(sources).values;
      return [accessKeyId, secretAccessKey, sessionToken];
    };
    const { own, aws, file, piSync } = places;
    const env = { ...aws.env, ...own.env };
    expect(given({ ...file, ...piSync, env })).toEqual(["PI_SYNC-id", "PI_SYNC-secret", undefined]);
    expect(given({ ...file, ...piSync, ...aws })).toEqual(["AWS-id", "AWS-secret", "AWS-token"]);
    expect(given({ ...file, ...piSync })).toEqual(["file-id", "file-secret", "file-token"]);
    expect(given(piSync)).toEqual(["old-id", "old-secret", "old-token"]);
  });

  test("a part of them is passed over, with a warning that names what is missing", () => {
    const env = { PI_SYNC_ACCESS_KEY_ID: "own-id", AWS_SESSION_TOKEN: "aws-token" };
    const { values, origin, warnings } = resolve({ env, file: set("file") });
    expect(values.accessKeyId).toBe("file-id");
    expect(values.sessionToken).toBeUndefined();
    expect(origin.secretAccessKey).toEqual({ source: "file", name: path });
    expect(warnings.map(({ message }) => message)).toEqual([
      "PI_SYNC_ACCESS_KEY_ID is set without PI_SYNC_SECRET_ACCESS_KEY.",
      "AWS_SESSION_TOKEN is set without AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ]);
    expect(JSON.stringify(warnings)).not.toContain("own-id");
  });

  test("a part in a file is named by its field; a folder needs none", () => {
    const file = { secretAccessKey: "s" };
    expect(resolve({ file }).warnings[0]?.message).toBe(
      `"secretAccessKey" in "settings" of ${path} is set without "accessKeyId" in "settings" of ${path}.`,
    );
    expect(resolve({ file: { ...file, endpoint: "~/Sync" } }).warnings).toEqual([]);
  });

  test("never are of two places, whatever is given where", () => {
    const maybe = fc.record(
      { accessKeyId: fc.string(), secretAccessKey: fc.string(), sessionToken: fc.string() },
      { requiredKeys: [] },
    );
    const tagged = (tag: string, fields: object) =>
      Object.fromEntries(Object.keys(fields).map((field) => [field, tag]));
    fc.assert(
      fc.property(maybe, maybe, maybe, (a, b, c) => {
        const names = {
          accessKeyId: "ACCESS_KEY_ID",
          secretAccessKey: "SECRET_ACCESS_KEY",
          sessionToken: "SESSION_TOKEN",
        };
        const fields = Object.keys(c) as (keyof typeof names)[];
        const env = Object.fromEntries(fields.map((field) => [`AWS_${names[field]}`, "env"]));
        const { values } = resolve({ piSync: tagged("old", a), file: tagged("file", b), env });
        const taken = [values.accessKeyId, values.secretAccessKey, values.sessionToken];
        expect(new Set(taken.filter((value) => value)).size).toBeLessThanOrEqual(1);
        const isComplete = (set: object) => "accessKeyId" in set && "secretAccessKey" in set;
        expect(Boolean(taken[0] && taken[1])).toBe([a, b, c].some(isComplete));
      }),
    );
  });
});

describe("values", () => {
  test.each<[SettingsField, unknown, unknown]>([
    ["endpoint", " https://s3.example.com/ ", "https://s3.example.com"],
    ["endpoint", "file:///mnt/my%20nas", "/mnt/my nas"],
    ["prefix", "/a/b/", "a/b"],
    ["profile", " work ", "work"],
    ["include", ["agents/", " notes.md "], ["agents/", "notes.md"]],
    ["machine", "desk_1", "desk_1"],
    ["encryptionKey", identity, identity],
    ["encryptionKey", "$AGE_KEY", "$AGE_KEY"],
    ["encryptionKey", "!op read x", "!op read x"],
    ["allow", ["0123456789ab"], ["0123456789ab"]],
  ])("%s may be %p", (field, given, value) => {
    const { values, errors } = resolve({ file: { [field]: given } });
    expect(errors).toEqual([]);
    expect(values[field]).toEqual(value as never);
  });

  test.each<[SettingsField, unknown]>([
    ["endpoint", "s3.example.com"],
    ["bucket", "../x"],
    ["bucket", 3],
    ["region", "eu central"],
    ["prefix", "a/../b"],
    ["prefix", "a//b"],
    ["prefix", "/"],
    ["prefix", "a\\b"],
    ["profile", "."],
    ["profile", "a/b"],
    ["profile", "x".repeat(65)],
    ["profile", "con."],
    ["autoSync", "yes"],
    ["include", "agents/"],
    ["exclude", [""]],
    ["localKeys", [1]],
    ["machine", "a\nb"],
    ["encryptionKey", "a good passphrase"],
    ["encryptionKey", identity.toLowerCase()],
    ["allow", ["x"]],
  ])("%s may not be %p", (field, given) => {
    const { values, errors } = resolve({ file: { [field]: given } });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toStartWith(`"${field}" in "settings" of ${path} is `);
    expect(values[field]).toEqual(resolve({}).values[field]);
  });

  test("no message quotes a secret", () => {
    const secrets = ["accessKeyId", "secretAccessKey", "sessionToken", "encryptionKey"] as const;
    for (const field of secrets) {
      expect(settingsSpec[field].isSecret).toBe(true);
      for (const value of [12345678, ["hunter22"], { a: "hunter22" }]) {
        const file = { accessKeyId: "a", secretAccessKey: "b", [field]: value };
        const { errors } = resolve({ file });
        expect(errors).toHaveLength(1);
        expect(JSON.stringify(errors)).not.toMatch(/hunter22|12345678/);
      }
    }
    const [error] = resolve({ file: { encryptionKey: "short" } }).errors;
    expect(JSON.stringify(error)).not.toContain("short");
  });

  test("settings that are no object are an error", () => {
    for (const file of [null, [], "x", true]) {
      expect(resolve({ file }).errors[0]?.message).toContain("must be an object");
    }
  });

  test("a mistyped field is warned of, another one is not", () => {
    const { warnings, errors } = resolve({ file: { bukket: "x", endPoint: "y", later: 1 } });
    expect(errors).toEqual([]);
    expect(warnings.map(({ hint }) => hint)).toEqual([
      'Did you mean "bucket"?',
      'Did you mean "endpoint"?',
    ]);
  });

  test("any host's name makes a name that the field itself takes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (hostname) => {
        const { machine } = resolve({ hostname }).values;
        expect(resolve({ file: { machine } }).errors).toEqual([]);
      }),
    );
    expect(resolve({ hostname: "Ada’s Mac.local" }).values.machine).toBe("Ada-s-Mac.local");
  });
});
