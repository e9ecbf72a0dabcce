import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { findSecretsInFile } from "../../../../lib/settings/secrets/find-secrets.ts";
import { loadSettingsScanner } from "../../../../lib/settings/secrets/load-scanner.ts";
import { tempDir } from "../../../support/temp.ts";

const target = {
  kind: "s3" as const,
  endpoint: "https://s3.example.com",
  bucket: "settings",
  region: "auto",
  credentials: {
    accessKeyId: "own-id-4711-k",
    secretAccessKey: "own-S3-s3cret-1",
    sessionToken: "own-t0ken-x-y-z1",
  },
};

test("what this machine holds is found for sure, wherever it comes from", async () => {
  await using dir = await tempDir();
  await writeFile(
    join(dir.path, "auth.json"),
    '{"anthropic": {"type": "api_key", "key": "fr0m-auth-json-9"}}',
  );
  await writeFile(
    join(dir.path, "models.json"),
    '{"providers": {"a": {"apiKey": "fr0m-models-json-9"}, "b": {"apiKey": "your-key-here-1234"}}}',
  );
  const env = {
    PI_CODING_AGENT_DIR: dir.path,
    GITHUB_TOKEN: "fr0m-variable-9",
    SYNC_KEY: "os-k3y-of-opensync",
  };
  const scanner = await loadSettingsScanner(env, {
    target,
    encryptionKey: "own-encrypti0n-key-7",
    openSyncKey: "$SYNC_KEY",
  });
  const secrets = [
    ...Object.values(target.credentials),
    "own-encrypti0n-key-7",
    "os-k3y-of-opensync",
    "fr0m-auth-json-9",
    "fr0m-models-json-9",
    "fr0m-variable-9",
  ];
  for (const secret of secrets) {
    const content = Buffer.from(`it says ${secret} here`);
    const findings = findSecretsInFile("AGENTS.md", content, { scanner });
    expect(findings.map(({ column, confidence }) => [column, confidence])).toEqual([[9, "high"]]);
  }
  const placeholder = Buffer.from('{"apiKey": "your-key-here-1234"}');
  expect(findSecretsInFile("models.json", placeholder, { scanner })).toEqual([]);
});

test("a folder, and a key that a command prints, add nothing", async () => {
  await using dir = await tempDir();
  const scanner = await loadSettingsScanner(
    { PI_CODING_AGENT_DIR: dir.path },
    { target: { kind: "directory", path: "/mnt/a-f0lder-of-mine" }, openSyncKey: "!get-my-k3y-9" },
  );
  expect(scanner("/mnt/a-f0lder-of-mine !get-my-k3y-9")).toEqual([]);
});
