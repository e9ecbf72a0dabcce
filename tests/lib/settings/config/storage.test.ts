import { describe, expect, test } from "bun:test";
import { homedir } from "node:os";

import { defaultSettings } from "../../../../lib/settings/config/schema.ts";
import type { SettingsConfig } from "../../../../lib/settings/config/schema.ts";
import {
  isSettingsConfigured,
  requireEncryptionKey,
  requireStorage,
  storageId,
} from "../../../../lib/settings/config/storage.ts";
import type { StorageTarget } from "../../../../lib/settings/config/storage.ts";
import { failureOf } from "../../../support/failure-of.ts";

const bucket = {
  endpoint: "https://s3.example.com",
  bucket: "settings",
  accessKeyId: "an-id",
  secretAccessKey: "a-secret",
};
const configOf = (fields: Partial<SettingsConfig>) => ({ ...defaultSettings("host"), ...fields });

describe("the storage", () => {
  test("is a folder where the endpoint is one", async () => {
    for (const [endpoint, path] of [
      ["/mnt/nas/", "/mnt/nas"],
      ["~/Sync", "/home/ada/Sync"],
    ] as const) {
      const config = configOf({ endpoint });
      expect(isSettingsConfigured(config)).toBe(true);
      const target = await requireStorage(config, { HOME: "/home/ada" });
      expect(target).toEqual({ kind: "directory", path });
    }
  });

  test("is a bucket with its credentials, taken from where they are", async () => {
    const config = configOf({
      ...bucket,
      accessKeyId: "$ID",
      secretAccessKey: "!echo a-secret",
      sessionToken: "${TOKEN}",
    });
    expect(isSettingsConfigured(config)).toBe(true);
    expect(await requireStorage(config, { ID: "an-id", TOKEN: "a-token" })).toEqual({
      kind: "s3",
      endpoint: "https://s3.example.com",
      bucket: "settings",
      region: "auto",
      credentials: { accessKeyId: "an-id", secretAccessKey: "a-secret", sessionToken: "a-token" },
    });
    const { credentials } = (await requireStorage(configOf(bucket), {})) as never;
    expect(credentials).toEqual({ accessKeyId: "an-id", secretAccessKey: "a-secret" } as never);
  });

  test.each([
    [{}, "is not set up yet."],
    [{ ...bucket, bucket: undefined }, "is not set up completely; it still needs: bucket."],
    [
      { ...bucket, bucket: undefined, secretAccessKey: undefined },
      "is not set up completely; it still needs: bucket, secret access key.",
    ],
  ])("of %p is not configured", async (fields, said) => {
    const config = configOf(fields as Partial<SettingsConfig>);
    expect(isSettingsConfigured(config)).toBe(false);
    const error = await failureOf(requireStorage(config, {}));
    expect(error.code).toBe("not-configured");
    expect(error.message).toBe(`Settings sync ${said}`);
    expect(error.hint).toContain("'init'");
  });

  test("a credential that can't be had is an error without any secret", async () => {
    const missing = configOf({ ...bucket, secretAccessKey: "$NOT_SET" });
    const error = await failureOf(requireStorage(missing, {}));
    expect(error.code).toBe("config");
    expect(error.message).toContain("The secret access key is in the variable NOT_SET");
    const failing = configOf({ ...bucket, secretAccessKey: "!echo hunter22 && exit 3" });
    expect((await failureOf(requireStorage(failing, {}))).message).not.toContain("hunter22");
  });

  test("the signal ends a command", async () => {
    const config = configOf({ ...bucket, secretAccessKey: "!sleep 30" });
    const start = performance.now();
    await failureOf(requireStorage(config, {}, AbortSignal.timeout(50)));
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe("the encryption key", () => {
  const identity = `AGE-SECRET-KEY-1${"Q".repeat(58)}`;

  test("is taken from where it is", async () => {
    expect(await requireEncryptionKey(configOf({}), {})).toBeUndefined();
    expect(await requireEncryptionKey(configOf({ encryptionKey: identity }), {})).toBe(identity);
    const config = configOf({ encryptionKey: "$KEY" });
    expect(await requireEncryptionKey(config, { KEY: ` ${identity}\n` })).toBe(identity);
  });

  test("that is none is an error which does not show it", async () => {
    const config = configOf({ encryptionKey: "$KEY" });
    const error = await failureOf(requireEncryptionKey(config, { KEY: "age1hunter22" }));
    expect(error.code).toBe("config");
    expect(JSON.stringify([error.message, error.hint])).not.toContain("hunter22");
  });
});

test("a storage's id is that of its place, and not of the credentials", () => {
  const s3 = { kind: "s3", region: "auto", ...bucket, credentials: bucket } as StorageTarget;
  const other = { ...s3, region: "x", credentials: { accessKeyId: "b", secretAccessKey: "c" } };
  const id = storageId(s3, "pi-sync", "default", "/agent");
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(storageId(other as StorageTarget, "pi-sync", "default", "/agent")).toBe(id);
  const different = [
    storageId({ ...s3, bucket: "b" } as StorageTarget, "pi-sync", "default", "/agent"),
    storageId(s3, "pi", "default", "/agent"),
    storageId(s3, "pi-sync", "work", "/agent"),
    storageId(s3, "pi-sync", "default", homedir()),
    storageId({ kind: "directory", path: "/a" }, "pi-sync", "default", "/agent"),
  ];
  expect(new Set([id, ...different]).size).toBe(6);
});
