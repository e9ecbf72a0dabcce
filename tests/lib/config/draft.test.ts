import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { ConfigDraft } from "../../../lib/config/draft.ts";
import type { DraftSources } from "../../../lib/config/draft.ts";
import { resolveConfig } from "../../../lib/config/resolve.ts";
import { configFields, configSpec } from "../../../lib/config/schema.ts";
import type { ConfigField } from "../../../lib/config/schema.ts";

const path = "/etc/config.json";
const key = "osk_0123456789abcdefghij";

const draftOf = ({ file = {}, env = {} }: Partial<DraftSources> = {}): ConfigDraft =>
  new ConfigDraft({ path, file, env });

const shownIn = (draft: ConfigDraft) =>
  Object.fromEntries(draft.fields().map(({ field, shown }) => [field, shown]));

describe("what is shown", () => {
  test("of an empty file, the defaults", () => {
    expect(shownIn(draftOf())).toEqual({
      url: "not set",
      apiKey: "not set",
      autoSync: "true",
      syncToolCalls: "true",
      syncThinking: "false",
      redact: "true",
      metadataOnly: "false",
      exclude: "none",
      debug: "false",
    });
  });

  test("of a full file, its values", () => {
    const file = { url: "https://a.example", apiKey: key, redact: false, exclude: ["~/a", "/b"] };
    expect(shownIn(draftOf({ file }))).toMatchObject({
      url: "https://a.example",
      apiKey: "osk_…ghij",
      redact: "false",
      exclude: "~/a, /b",
    });
  });

  test.each([
    ["$MY_KEY", "$MY_KEY"],
    ["${MY_KEY}", "${MY_KEY}"],
    ["!pass show osk_0123", "from a command"],
    ["$ecret-0123456789", "…6789"],
    ["osk_short", "osk_…"],
  ])("of the key %s: %s", (apiKey, shown) => {
    expect(draftOf({ file: { apiKey } }).field("apiKey").shown).toBe(shown);
  });

  test("of a value with line breaks, one line", () => {
    const draft = draftOf({ file: { exclude: ["a\nb", "\u001b[31mc"] } });
    expect(draft.field("exclude").shown).toBe("a b, c");
  });

  test("no key is ever there as a whole, in whatever field it stands", () => {
    const place = fc.constantFrom<ConfigField>("url", "apiKey", "redact", "debug");
    fc.assert(
      fc.property(
        place,
        fc.stringMatching(/^osk_[0-9a-z]{16,40}$/),
        fc.boolean(),
        (at, value, isEnv) => {
          const draft = draftOf(
            isEnv ? { env: { [configSpec[at].variable]: value } } : { file: { [at]: value } },
          );
          if (at !== "apiKey") draft.set("apiKey", value);
          for (const { shown, problem, description } of draft.fields()) {
            expect([shown, problem, description].join(" ")).not.toContain(value);
          }
          expect(draft.field("apiKey").text).toBe("");
        },
      ),
    );
  });
});

describe("a value of the environment", () => {
  const variable = "PI_OPENSYNC_REDACT";

  test("is shown with its variable, and can't be changed", () => {
    const draft = draftOf({ env: { [variable]: "no" }, file: { redact: true } });
    const field = draft.field("redact");
    expect(field).toMatchObject({ shown: `false (${variable})`, lockedBy: variable });
    draft.set("redact", "true");
    expect(draft.changes()).toEqual({});
    expect(draft.config().redact).toBe(false);
  });

  test("that can't be used is told of", () => {
    const field = draftOf({ env: { [variable]: "maybe" } }).field("redact");
    expect(field).toMatchObject({ shown: `not usable (${variable})`, lockedBy: variable });
    expect(field.problem).toStartWith(`The variable ${variable} is "maybe", but must be`);
  });

  test("that is empty is none", () => {
    expect(draftOf({ env: { [variable]: " " } }).field("redact").lockedBy).toBeUndefined();
  });
});

describe("a value that can't be used", () => {
  test.each([
    ["url", 7, '"url" in /etc/config.json is 7, but must be', "https://a.example"],
    ["apiKey", "", '"apiKey" in /etc/config.json is empty, but must be', "osk_new"],
    ["redact", "yes", '"redact" in /etc/config.json is "yes", but must be', "false"],
    ["exclude", "~/a", '"exclude" in /etc/config.json is "~/a", but must be', "~/a"],
  ] as const)("of %s is told of, and can be corrected", (field, value, problem, typed) => {
    const draft = draftOf({ file: { [field]: value } });
    expect(draft.field(field).shown).toBe("not usable");
    expect(draft.field(field).problem).toStartWith(problem);
    expect(draft.fields().filter((other) => other.problem !== undefined)).toHaveLength(1);
    draft.set(field, typed);
    expect(draft.field(field).problem).toBeUndefined();
    const corrected = { redact: false, exclude: ["~/a"] }[field as string] ?? typed;
    expect(draft.changes()).toEqual({ [field]: corrected });
  });

  test.each(["url", "apiKey", "exclude"] as const)("of %s can be removed", (field) => {
    const draft = draftOf({ file: { [field]: 7 } });
    draft.set(field, "");
    expect(draft.changes()).toEqual({ [field]: undefined });
  });

  test("is also an address that is none, told in its own words", () => {
    const draft = draftOf();
    draft.set("url", "http://a.example");
    expect(draft.field("url")).toMatchObject({ shown: "not usable", text: "http://a.example" });
    expect(draft.field("url").problem).toStartWith("The address http://a.example would send your");
  });
});

describe("what is typed", () => {
  test.each([
    ["url", " app.opensync.dev/ ", "https://api.opensync.dev"],
    ["url", "https://x.convex.cloud", "https://x.convex.site"],
    ["apiKey", ` ${key} `, key],
    ["autoSync", "false", false],
    ["debug", "true", true],
    ["exclude", " ~/a/**,, /b ,", ["~/a/**", "/b"]],
  ] as const)("for %s as %j is kept as %j", (field, typed, value) => {
    const draft = draftOf();
    draft.set(field, typed);
    expect(draft.changes()).toEqual({ [field]: value });
    expect(draft.config()[field]).toEqual(value as never);
  });

  test("as nothing removes an address and a list, and keeps a key", () => {
    const draft = draftOf({ file: { url: "https://a.example", apiKey: key, exclude: ["a"] } });
    for (const field of ["url", "apiKey", "exclude"] as const) draft.set(field, "");
    expect(draft.changes()).toEqual({ url: undefined, exclude: undefined });
  });

  test("as it was is no change, also where it is not how we would write it", () => {
    const file = { url: "app.opensync.dev", apiKey: key, exclude: ["a,b"], autoSync: true };
    const draft = draftOf({ file });
    for (const { field, kind, text } of draft.fields()) if (kind !== "flag") draft.set(field, text);
    draft.set("apiKey", key);
    draft.set("autoSync", "false");
    draft.set("autoSync", "true");
    expect(draft.changes()).toEqual({});
  });

  test("as the default removes what the file says otherwise", () => {
    const draft = draftOf({ file: { redact: false, other: 1 } });
    draft.set("redact", "true");
    draft.set("debug", "true");
    draft.set("debug", "false");
    expect(draft.changes()).toEqual({ redact: undefined });
  });
});

test("a file with the changes makes the configuration of the draft", () => {
  const typed = fc.oneof(
    fc.constantFrom("true", "false", "", "~/a, ~/b", "https://a.example", key, "http://b.example"),
    fc.string({ maxLength: 12 }),
  );
  const edits = fc.array(fc.tuple(fc.constantFrom(...configFields), typed), { maxLength: 12 });
  const value = fc.oneof(fc.boolean(), fc.array(fc.constant("a")), fc.constantFrom("b", 1, null));
  const file = fc.dictionary(fc.constantFrom(...configFields, "other"), value);
  fc.assert(
    fc.property(file, edits, (file, edits) => {
      const env = { PI_OPENSYNC_DEBUG: "yes" };
      const draft = draftOf({ file, env });
      for (const [field, text] of edits) draft.set(field, text);
      const changes = draft.changes();
      const written = JSON.parse(JSON.stringify({ ...file, ...changes }));
      expect(resolveConfig({ path, file: written, env }).values).toEqual(draft.config());
      for (const name of Object.keys(changes)) expect(written[name]).not.toEqual(file[name]);
    }),
  );
});
