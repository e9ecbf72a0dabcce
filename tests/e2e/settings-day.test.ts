import { test } from "bun:test";
import { join } from "node:path";

import { generateIdentity } from "../../lib/settings/remote/seal.ts";
import { startS3Server, testCredentials } from "../support/s3-server/server.ts";
import { workOneDay } from "../support/settings-day.ts";
import { tempDir } from "../support/temp.ts";

test("two machines work for a day on a folder", async () => {
  await using dir = await tempDir();
  await workOneDay({ endpoint: `file://${join(dir.path, "nas")}` });
}, 60_000);

test("two machines work for a day on a folder, encrypted", async () => {
  await using dir = await tempDir();
  const encryptionKey = await generateIdentity();
  await workOneDay({ endpoint: join(dir.path, "nas"), encryptionKey });
}, 60_000);

test("two machines work for a day on S3", async () => {
  await using server = await startS3Server();
  await workOneDay({
    endpoint: server.url,
    bucket: server.bucket,
    region: server.region,
    ...testCredentials,
  });
}, 60_000);
