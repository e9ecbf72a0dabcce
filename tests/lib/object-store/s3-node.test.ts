import { expect, test } from "bun:test";
import { join } from "node:path";
import { byKey } from "../../support/s3-server/fault.ts";
import { testCredentials } from "../../support/s3-server/server.ts";
import { tempDir } from "../../support/temp.ts";
import { openS3 } from "./open-s3.ts";

test("under Node the S3 store does what it does under Bun", async () => {
  await using dir = await tempDir();
  const source = join(import.meta.dirname, "../../fixtures/node-s3.ts");
  await Bun.build({ entrypoints: [source], target: "node", outdir: dir.path, naming: "run.mjs" });
  const outcomes: unknown[] = [];
  for (const command of [
    ["node", join(dir.path, "run.mjs")],
    [process.execPath, source],
  ]) {
    await using s3 = await openS3({ clockOffsetMs: 3_600_000, pageSize: 2 });
    s3.server.chooseFault = byKey();
    const { url, bucket, region } = s3.server;
    const { accessKeyId, secretAccessKey } = testCredentials;
    const args = [url, bucket, region, accessKeyId, secretAccessKey];
    const child = Bun.spawn([...command, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    outcomes.push(JSON.parse(await child.stdout.text()));
  }
  expect(outcomes[0]).toMatchInlineSnapshot(`
    {
      "aborted": "ended",
      "create late": {
        "existing": "body",
        "isCreated": false,
      },
      "create, -": {
        "isCreated": true,
      },
      "create, 409": {
        "isCreated": true,
      },
      "create, 500": {
        "isCreated": true,
      },
      "create, 500-after": {
        "isCreated": true,
      },
      "create, 503": {
        "isCreated": true,
      },
      "create, drop": {
        "isCreated": true,
      },
      "create, lose-answer": {
        "isCreated": true,
      },
      "create, stall": {
        "isCreated": true,
      },
      "get nothing": "undefined",
      "get, -": "body",
      "get, -,cut-body": "body",
      "get, -,empty-200": "body",
      "get, -,endless-body": "refused",
      "get, -,weak-etag": "body",
      "get, redirected": "refused",
      "list": [
        "-,empty-200/got",
        "-,endless-body/got",
        "-,weak-etag/got",
        "-/created",
        "-/got",
        "409/created",
        "500-after/created",
        "500/created",
        "503/created",
        "drop/created",
        "lose-answer/created",
        "stall/created",
      ],
      "odd key": [
        true,
        null,
      ],
      "probe": "atomic",
    }
  `);
  expect(outcomes[1]).toEqual(outcomes[0]);
});
