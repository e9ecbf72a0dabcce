import { describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "../../../lib/platform/paths.ts";
import type { Secret } from "../../../lib/redact/dictionary.ts";
import { collectKnownSecrets } from "../../../lib/redact/known-secrets.ts";
import { tempDir } from "../../support/temp.ts";

async function collect(files: Record<string, string>, env: Env = {}): Promise<Secret[]> {
  await using dir = await tempDir();
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(dir.path, name), content);
  }
  return await collectKnownSecrets({ env, agentDir: dir.path, own: [] });
}

describe("auth.json", () => {
  test("gives keys and tokens of each provider", async () => {
    const auth = {
      openai: { type: "api_key", key: "openai-value-1" },
      anthropic: {
        type: "oauth",
        access: "access-1",
        refresh: "refresh-1",
        expires: 1,
        email: "a@b",
      },
      other: { apiKey: "key-1", token: "token-1", nested: [{ id_token: "id-1" }] },
    };
    expect(await collect({ "auth.json": JSON.stringify(auth) })).toEqual([
      { kind: "openai-key", value: "openai-value-1" },
      { kind: "anthropic-access", value: "access-1" },
      { kind: "anthropic-refresh", value: "refresh-1" },
      { kind: "other-apiKey", value: "key-1" },
      { kind: "other-token", value: "token-1" },
      { kind: "other-nested-id_token", value: "id-1" },
    ]);
  });

  test("may be missing, broken, or something else than JSON objects", async () => {
    for (const content of ["", "{", "null", "[1]", '"x"', "\ufffe"]) {
      expect(await collect({ "auth.json": content, "models.json": content })).toEqual([]);
    }
    expect(await collect({})).toEqual([]);
  });

  test("may be a folder", async () => {
    await using dir = await tempDir();
    await mkdir(join(dir.path, "auth.json"));
    expect(await collectKnownSecrets({ env: {}, agentDir: dir.path, own: [] })).toEqual([]);
  });
});

describe("models.json", () => {
  const models = (apiKey: string): Record<string, string> => ({
    "models.json": JSON.stringify({ providers: { local: { apiKey } } }),
  });

  test("gives literal keys", async () => {
    expect(await collect(models("literal"))).toEqual([{ kind: "local-apiKey", value: "literal" }]);
  });

  test.each(["$KEY_OF_MINE", "${KEY_OF_MINE}", "KEY_OF_MINE"])(
    "gives the variable's value for %s",
    async (apiKey) => {
      const found = await collect(models(apiKey), { KEY_OF_MINE: "its value" });
      expect(found).toEqual([{ kind: "local-apiKey", value: "its value" }]);
    },
  );

  test("gives nothing for a variable that is not set, nor for a command", async () => {
    expect(await collect(models("$UNSET"))).toEqual([]);
    expect(await collect(models("!pass show key"))).toEqual([]);
  });

  test("may have comments and trailing commas, as for pi", async () => {
    const text = `{ // mine
      "providers": { "a": { "baseUrl": "http://x//y", "apiKey": "k,}//1", }, },
    }`;
    expect(await collect({ "models.json": text })).toEqual([{ kind: "a-apiKey", value: "k,}//1" }]);
  });

  test("gives secret headers without their scheme", async () => {
    const headers = { Authorization: "Bearer abc", "x-api-key": "def", "User-Agent": "ghi" };
    const text = JSON.stringify({ providers: { a: { headers } } });
    expect(await collect({ "models.json": text })).toEqual([
      { kind: "a-Authorization", value: "abc" },
      { kind: "a-x-api-key", value: "def" },
    ]);
  });
});

const secretNames = [
  "GITHUB_TOKEN DB_PASSWORD MYSQL_PASSWD OPENAI_API_KEY apikey",
  "JWT_SECRET PI_SYNC_SECRET_ACCESS_KEY AWS_SECRET_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SESSION_TOKEN",
  "R2_SECRET_ACCESS_KEY SSH_PRIVATE_KEY GOOGLE_CREDENTIALS SMTP_PASS NPM_AUTH",
].flatMap((line) => line.split(" "));

const otherNames = [
  "PATH HOME AWS_REGION R2_BUCKET SSH_AUTH_SOCK",
  "KEYBOARD MONKEY TOKEN_FILE DB_PASSWORD_PATH TOKEN_URL",
  "CREDENTIAL_HELPER PWD OLDPWD",
].flatMap((line) => line.split(" "));

describe("the environment", () => {
  test.each(secretNames)("gives %s", async (name) => {
    expect(await collect({}, { [name]: "value" })).toEqual([{ kind: name, value: "value" }]);
  });

  test.each(otherNames)("keeps %s out", async (name) => {
    expect(await collect({}, { [name]: "value" })).toEqual([]);
  });

  test("gives nothing for empty variables", async () => {
    expect(await collect({}, { GITHUB_TOKEN: "", API_KEY: undefined })).toEqual([]);
  });
});

test("our own secrets come first", async () => {
  const own = [{ kind: "opensync-key", value: "ours" }];
  const options = { env: { A_TOKEN: "theirs" }, agentDir: "/nowhere", own };
  expect((await collectKnownSecrets(options))[0]).toEqual(own[0]);
});
