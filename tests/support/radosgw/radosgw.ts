import { AwsClient } from "aws4fetch";
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../free-port.ts";
import { tempDir } from "../temp.ts";
import { cephConfig } from "./config.ts";

/** Ceph's server of S3. It checks signatures, body hashes, clocks and conditions. */
export interface Radosgw extends AsyncDisposable {
  /** The endpoint, without the bucket. */
  url: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Makes a bucket with nothing in it, and gives its name. */
  newBucket(): Promise<string>;
  /** Gets credentials that only hold with their session token. */
  newSession(): Promise<Session>;
}

interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

type Run = (name: string, ...args: string[]) => Promise<void>;

const region = "us-east-1";
const credentials = { accessKeyId: "RADOSGWTESTKEY", secretAccessKey: "radosgw/test+secret=0123" };
const startTimeoutMs = 30_000;

/**
 * Starts one mon, one osd in memory and one radosgw on free ports of loopback, in a temporary
 * folder. Takes about two seconds. Disposing ends them; they also end with this process.
 */
export async function startRadosgw(): Promise<Radosgw> {
  await using starting = new AsyncDisposableStack();
  const { path: dir } = starting.use(await tempDir());
  const [fsid, osdId] = [randomUUID(), randomUUID()];
  const ports = { mon: await freePort(), s3: await freePort() };
  const url = `http://127.0.0.1:${ports.s3}`;
  const run: Run = (name, ...args) => runTool(dir, name, args);
  const serve = (name: string, ...args: string[]) => starting.use(startDaemon(dir, name, args));

  for (const name of ["mon", "osd", "rgw"]) await mkdir(join(dir, name));
  await writeFile(join(dir, "ceph.conf"), cephConfig(dir, fsid, ports));
  const [map, address] = [join(dir, "monmap"), `[v1:127.0.0.1:${ports.mon}]`];
  await run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, map);
  await run("ceph-mon", "--mkfs", "-i", "a", "--monmap", map);
  serve("ceph-mon", "-i", "a");
  await run("ceph", "osd", "new", osdId);
  await run("ceph", "osd", "crush", "add", "osd.0", "1.0", "host=localhost", "root=default");
  await run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osdId);
  serve("ceph-osd", "-i", "0");
  const { accessKeyId, secretAccessKey } = credentials;
  const keys = [`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`];
  const user = ["user", "create", "--uid=test", "--display-name=test", ...keys];
  await run("radosgw-admin", "-n", "client.rgw", ...user);
  serve("radosgw", "-n", "client.rgw");
  await untilReady(url);
  await makeRole(run);

  const started = starting.move();
  return {
    url,
    region,
    credentials,
    newBucket: () => makeBucket(url),
    newSession: () => assumeRole(url),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Runs a program to its end. @throws Error where it fails */
async function runTool(dir: string, name: string, args: string[]): Promise<void> {
  // `monmaptool` takes its file, and no configuration.
  const config = name === "monmaptool" ? [] : ["-c", join(dir, "ceph.conf")];
  const child = Bun.spawn([name, ...config, ...args], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: startTimeoutMs,
    killSignal: "SIGKILL",
  });
  const said = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) === 0) return;
  throw new Error(`${name} ${args.join(" ")} failed: ${said.join("\n").slice(-2000)}`);
}

/** Starts a program that is killed with this process. What it has to say is in its log file. */
function startDaemon(dir: string, name: string, args: string[]): AsyncDisposable {
  const command = [name, "-f", "-c", join(dir, "ceph.conf"), ...args];
  const child = Bun.spawn(["setpriv", "--pdeathsig", "KILL", ...command], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "ignore"],
  });
  return {
    async [Symbol.asyncDispose]() {
      // There is nothing to save.
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** Asks until radosgw answers. */
async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (!(await fetch(url).catch(() => undefined))?.ok) {
    if (Date.now() > deadline) throw new Error("radosgw did not start.");
    await Bun.sleep(50);
  }
}

async function makeBucket(url: string): Promise<string> {
  const client = new AwsClient({ ...credentials, service: "s3", region });
  const name = `bucket-${randomUUID()}`;
  const response = await fetch(await client.sign(`${url}/${name}`, { method: "PUT" }));
  if (!response.ok) throw new Error(`radosgw made no bucket: ${await response.text()}`);
  return name;
}

/** A role that may do everything, and that everybody may take on. */
async function makeRole(run: Run): Promise<void> {
  const role = "--role-name=sync";
  const trust = policy({
    Principal: { AWS: ["arn:aws:iam:::user/test"] },
    Action: "sts:AssumeRole",
  });
  const access = policy({ Action: "s3:*", Resource: "arn:aws:s3:::*" });
  const admin = ["-n", "client.rgw"];
  await run("radosgw-admin", ...admin, "role", "create", role, `--assume-role-policy-doc=${trust}`);
  const put = ["role-policy", "put", role, "--policy-name=all", `--policy-doc=${access}`];
  await run("radosgw-admin", ...admin, ...put);
}

function policy(statement: object): string {
  const Statement = [{ Effect: "Allow", ...statement }];
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

/** Takes on the role. */
async function assumeRole(url: string): Promise<Session> {
  const client = new AwsClient({ ...credentials, service: "sts", region });
  const action = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=test";
  const request = await client.sign(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `${action}&RoleArn=${encodeURIComponent("arn:aws:iam:::role/sync")}`,
  });
  const xml = await (await fetch(request)).text();
  const read = (name: string): string => {
    const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
    if (found === undefined) throw new Error(`radosgw gave no ${name}: ${xml}`);
    return found;
  };
  return {
    accessKeyId: read("AccessKeyId"),
    secretAccessKey: read("SecretAccessKey"),
    sessionToken: read("SessionToken"),
  };
}
