import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { resolveConfig } from "../../../lib/config/resolve.ts";
import type { ConfigSources } from "../../../lib/config/resolve.ts";
import { configFields, configSpec } from "../../../lib/config/schema.ts";
import type { ConfigField } from "../../../lib/config/schema.ts";

const resolve = (sources: Partial<ConfigSources>) =>
  resolveConfig({ path: "/etc/config.json", file: {}, env: {}, ...sources });

const defaults = {
  autoSync: true,
  syncToolCalls: true,
  syncThinking: false,
  redact: true,
  metadataOnly: false,
  exclude: [],
  debug: false,
};

/** For every field a value of the file, what a variable says, and what a flag says. */
const samples: Record<ConfigField, { file: unknown; text: string; env: unknown; flag: unknown }> = {
  url: {
    file: "https://a.example",
    text: "https://b.example",
    env: "https://b.example",
    flag: "c",
  },
  apiKey: { file: "osk_file", text: "$KEY", env: "$KEY", flag: "!pass show key" },
  autoSync: { file: false, text: "no", env: false, flag: true },
  syncToolCalls: { file: false, text: "OFF", env: false, flag: true },
  syncThinking: { file: true, text: "Yes", env: true, flag: false },
  redact: { file: false, text: "0", env: false, flag: true },
  metadataOnly: { file: true, text: "1", env: true, flag: false },
  exclude: { file: ["~/a"], text: " ~/b/**, ,/c ", env: ["~/b/**", "/c"], flag: ["/d"] },
  debug: { file: true, text: "on", env: true, flag: false },
};

describe("sources", () => {
  test("without any there are the defaults", () => {
    const { values, origin, warnings, errors } = resolve({});
    expect(values).toEqual(defaults);
    expect(new Set(Object.values(origin))).toEqual(new Set(["default"]));
    expect([warnings, errors]).toEqual([[], []]);
    expect(Object.keys(origin)).toEqual(configFields);
  });

  test.each(configFields)("%s: file, then variable, then flag, and no other field", (field) => {
    const sample = samples[field];
    const env = { [configSpec[field].variable]: sample.text };
    const file = { [field]: sample.file };
    for (const [sources, value, origin] of [
      [{ file }, sample.file, "file"],
      [{ file, env }, sample.env, "environment"],
      [{ env }, sample.env, "environment"],
      [{ file, env, flags: { [field]: sample.flag } }, sample.flag, "flag"],
      [{ file, env, flags: { [field]: undefined } }, sample.env, "environment"],
    ] as const) {
      const resolved = resolve(sources);
      expect(resolved.errors).toEqual([]);
      expect(resolved.values).toEqual({ ...defaults, [field]: value } as never);
      expect(resolved.origin[field]).toBe(origin);
      for (const other of configFields) {
        if (other !== field) expect(resolved.origin[other]).toBe("default");
      }
    }
  });

  test("a variable that is empty or blank is not set", () => {
    for (const text of ["", "  "]) {
      const env = Object.fromEntries(
        configFields.map((field) => configSpec[field].variable).map((name) => [name, text]),
      );
      expect(resolve({ env }).values).toEqual(defaults);
      expect(resolve({ env }).errors).toEqual([]);
    }
  });

  test("every word for true and false counts, in any case", () => {
    for (const [words, meant] of [
      [["true", "1", "yes", "on", "TRUE", "Yes", " on "], true],
      [["false", "0", "no", "off", "FALSE", "No", " off "], false],
    ] as const) {
      for (const PI_OPENSYNC_DEBUG of words) {
        expect(resolve({ env: { PI_OPENSYNC_DEBUG } }).values.debug).toBe(meant);
      }
    }
  });

  test("results do not share their lists", () => {
    resolve({}).values.exclude.push("/");
    expect(resolve({}).values.exclude).toEqual([]);
  });

  test("every field has a description", () => {
    for (const field of configFields) {
      expect(configSpec[field].description).toEndWith(".");
    }
  });
});

describe("problems", () => {
  const messagesOf = (sources: Partial<ConfigSources>): string[] =>
    resolve(sources).errors.map(({ message }) => message);

  test("a bad variable is named with what it is and may be", () => {
    expect(messagesOf({ env: { PI_OPENSYNC_REDACT: "maybe" } })).toEqual([
      'The variable PI_OPENSYNC_REDACT is "maybe", but must be true or false (or 1, 0, yes, no, on, off).',
    ]);
  });

  test("a bad value of the file is named with the file", () => {
    expect(
      messagesOf({
        file: { autoSync: "yes", exclude: "~/x", url: 5, syncThinking: null, apiKey: "" },
      }),
    ).toEqual([
      '"url" in /etc/config.json is 5, but must be a web address, such as "https://api.opensync.dev".',
      '"apiKey" in /etc/config.json is empty, but must be an API key, "$NAME" of a variable that holds it, or "!command" that prints it.',
      '"autoSync" in /etc/config.json is "yes", but must be true or false.',
      '"syncThinking" in /etc/config.json is null, but must be true or false.',
      '"exclude" in /etc/config.json is "~/x", but must be a list of paths, such as ["~/private/**"].',
    ]);
  });

  test("a bad flag is named", () => {
    expect(messagesOf({ flags: { syncToolCalls: {} } })).toEqual([
      "--sync-tool-calls is an object, but must be true or false.",
    ]);
  });

  test("a bad entry of a list makes the list bad", () => {
    expect(messagesOf({ file: { exclude: ["/a", 3] } })).toEqual([
      '"exclude" in /etc/config.json is a list, but must be a list of paths, such as ["~/private/**"].',
    ]);
    expect(messagesOf({ file: { exclude: ["/a", " "] } }).length).toBe(1);
  });

  test("a bad value leaves the next best one, with its origin", () => {
    const env = { PI_OPENSYNC_DEBUG: "perhaps" };
    const { values, origin } = resolve({ file: { debug: true }, env });
    expect([values.debug, origin.debug]).toEqual([true, "file"]);
  });

  test("no message quotes a key, in whichever field it went", () => {
    const key = "osk_0123456789abcdef0123456789abcdef";
    const env = Object.fromEntries(
      configFields.map((field) => configSpec[field].variable).map((name) => [name, key]),
    );
    const file = Object.fromEntries(configFields.map((field) => [field, { [key]: key }]));
    const flags = Object.fromEntries(configFields.map((field) => [field, key]));
    for (const sources of [
      { env },
      { file },
      { flags },
      { env: { PI_OPENSYNC_DEBUG: "osk_abc" } },
    ]) {
      const { errors } = resolve(sources);
      expect(errors.length).toBeGreaterThan(0);
      expect(JSON.stringify(errors)).not.toContain("osk_");
    }
  });

  test("fields that are nearly ours give a warning, others none", () => {
    const { warnings, errors } = resolve({
      file: {
        apikey: "x",
        redcat: true,
        autosync: true,
        URL: "x",
        setings: {},
        settings: {},
        $schema: "x",
      },
    });
    expect(errors).toEqual([]);
    expect(warnings.map(({ message, hint }) => `${message} ${hint}`)).toEqual([
      '"apikey" in /etc/config.json has no effect. Did you mean "apiKey"?',
      '"redcat" in /etc/config.json has no effect. Did you mean "redact"?',
      '"autosync" in /etc/config.json has no effect. Did you mean "autoSync"?',
      '"URL" in /etc/config.json has no effect. Did you mean "url"?',
      '"setings" in /etc/config.json has no effect. Did you mean "settings"?',
    ]);
  });

  test("whatever the file and the environment hold, there is a whole configuration", () => {
    const anyFile = fc.dictionary(fc.constantFrom(...configFields, "other"), fc.jsonValue());
    const anyEnv = fc.dictionary(
      fc.constantFrom(...configFields.map((field) => configSpec[field].variable)),
      fc.string(),
    );
    fc.assert(
      fc.property(anyFile, anyEnv, (file, env) => {
        const { values, errors } = resolve({ file, env });
        expect(typeof values.redact).toBe("boolean");
        expect(Array.isArray(values.exclude)).toBe(true);
        for (const { message, hint } of errors)
          expect(`${message} ${hint}`).not.toContain("undefined");
      }),
    );
  });
});
