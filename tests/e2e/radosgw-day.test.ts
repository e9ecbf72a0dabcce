import { test } from "bun:test";

import { startRadosgw } from "../support/radosgw/radosgw.ts";
import { workOneDay } from "../support/settings-day.ts";

test("two machines work for a day on Ceph's S3", async () => {
  await using radosgw = await startRadosgw();
  const { url: endpoint, region, credentials } = radosgw;
  await workOneDay({ endpoint, region, bucket: await radosgw.newBucket(), ...credentials });
}, 120_000);
