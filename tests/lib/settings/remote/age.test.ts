/** What is sealed is no format of ours: `age` opens it, and what `age` encrypts is opened here. */

import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { generateIdentity, openSeal } from "../../../../lib/settings/remote/seal.ts";
import { tempDir } from "../../../support/temp.ts";
import { entryOf, mustPublish, openMemory, root, signal } from "./machine.ts";

async function run(command: string[], input: Uint8Array): Promise<Buffer> {
  const child = Bun.spawn(command, { stdin: input, stderr: "ignore" });
  const output = Buffer.from(await new Response(child.stdout).arrayBuffer());
  expect(await child.exited).toBe(0);
  return output;
}

test("age opens a commit and its snapshot", async () => {
  await using dir = await tempDir();
  const keyPath = join(dir.path, "key.txt");
  const identity = await generateIdentity();
  await writeFile(keyPath, `${identity}\n`);
  const { store, log } = openMemory({}, await openSeal(identity));
  const state = await mustPublish(log, await log.read(undefined, signal), {
    "AGENTS.md": "be kind",
  });
  const entry = JSON.parse(Buffer.from(store.objects.get(entryOf(1))!).toString());
  const body = await run(["age", "-d", "-i", keyPath], Buffer.from(entry.sealed, "base64"));
  expect(JSON.parse(gunzipSync(body).toString())).toMatchObject({ number: 1, machine: "laptop" });
  const sealed = store.objects.get(`${root}snapshots/${state.head!.id}.json.gz`)!;
  const snapshot = await run(["age", "-d", "-i", keyPath], sealed);
  expect(JSON.parse(gunzipSync(snapshot).toString()).files[0].text).toBe("be kind");
});

test("what age encrypts for a key of age-keygen is opened", async () => {
  const file = (await run(["age-keygen"], new Uint8Array())).toString();
  const recipient = /age1\w+/.exec(file)![0];
  const sealed = await run(["age", "-r", recipient], Buffer.from("be kind"));
  const seal = await openSeal(file);
  expect(Buffer.from(await seal.open(sealed)).toString()).toBe("be kind");
  expect(seal.fingerprint).toBe(
    new Bun.CryptoHasher("sha256").update(recipient).digest("hex").slice(0, 16),
  );
});
