import { expect, test } from "bun:test";
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer as createTcpServer } from "node:net";
import { dirname, join } from "node:path";

import type { Check } from "../../lib/doctor/check.ts";
import { binary, runCli, startServe } from "../support/cli.ts";
import type { CliResult } from "../support/cli.ts";
import { expiredCertificate, hasOpenssl } from "../support/certificate.ts";
import { SessionBuilder } from "../support/session.ts";
import { tempDir } from "../support/temp.ts";

const key = `osk_${"abcdefgh".repeat(4)}`;
/** No pi is on it: what pi has to do with is tested by itself. */
const noPi = { PATH: "/usr/bin:/bin" };

/** What `doctor --json` says. */
interface Diagnosis extends CliResult {
  checks: Check[];
  /** The check of this id. @throws Error where there is none */
  of: (id: string) => Check;
  /** The ids of all that is not well, but for what is so because there is no pi here. */
  troubles: string[];
}

const withoutPi = new Set(["pi-version", "sessions"]);

async function diagnose(
  home: string,
  env: Readonly<Record<string, string>> = {},
  ...args: string[]
): Promise<Diagnosis> {
  const result = await runCli(home, ["doctor", "--json", ...args], { ...noPi, ...env });
  const { checks } = JSON.parse(result.stdout) as { checks: Check[] };
  return {
    ...result,
    checks,
    of: (id) => {
      const found = checks.find((check) => check.id === id);
      if (!found) throw new Error(`no ${id} among ${checks.map((check) => check.id).join()}`);
      return found;
    },
    troubles: checks
      .filter(({ id, status }) => status !== "well" && !withoutPi.has(id))
      .map(({ id }) => id),
  };
}

const to = (url: string, apiKey = key): Record<string, string> => ({
  PI_OPENSYNC_CONVEX_URL: url,
  PI_OPENSYNC_API_KEY: apiKey,
});

/** A server that answers as it is told. */
function answering(answer: (path: string) => Response | Promise<Response>): Bun.Server<undefined> {
  return Bun.serve({ port: 0, fetch: (request) => answer(new URL(request.url).pathname) });
}

async function write(path: string, text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode });
}

const sessionPath = (home: string, name: string): string =>
  join(home, ".pi/agent/sessions/--home-ada-engine--", `${name}.jsonl`);

async function writeSession(home: string): Promise<void> {
  const session = new SessionBuilder();
  session.user("Hello");
  session.assistant("Hello yourself");
  await write(sessionPath(home, "2026-03-01_one"), session.toJsonl());
}

test("with a server that answers, and all sent, nothing is amiss but the missing pi", async () => {
  await using home = await tempDir();
  await using server = await startServe(home.path);
  await writeSession(home.path);
  expect((await runCli(home.path, ["backfill"], server.env())).exitCode).toBe(0);
  const { of, troubles, exitCode } = await diagnose(home.path, server.env());
  expect(troubles).toEqual([]);
  expect(exitCode).toBe(1);
  expect(of("server").found).toMatch(
    /^OpenSync answers at http:\/\/127.0.0.1:\d+ within \d+ ms\.$/,
  );
  expect(of("server-key").status).toBe("well");
  expect(of("server-clock").status).toBe("well");
  expect(of("progress").found).toMatch(
    /^1 session with 2 messages sent\. Last success 0 min ago\.$/,
  );
  expect(of("embedded-server").found).toContain("is sound");
});

test("a wrong key", async () => {
  await using home = await tempDir();
  await using server = await startServe(home.path);
  const { of, exitCode, stdout } = await diagnose(home.path, {
    ...server.env(),
    PI_OPENSYNC_API_KEY: key,
  });
  expect(of("server-key")).toMatchObject({
    status: "failure",
    found: "OpenSync does not accept the API key (HTTP 401): Invalid API key",
    fix: "pi-opensync setup",
  });
  expect(of("server").status).toBe("well");
  expect(of("embedded-server").found).toContain("another key");
  expect(exitCode).toBe(1);
  expect(stdout).not.toContain(key);
  expect(stdout).not.toContain(server.apiKey);
});

test("a dead port", async () => {
  await using home = await tempDir();
  const server = answering(() => new Response());
  const { port } = server;
  await server.stop(true);
  const { of, troubles } = await diagnose(home.path, to(`http://127.0.0.1:${port}`));
  expect(troubles).toEqual(["server-connection"]);
  expect(of("server-connection")).toMatchObject({
    status: "failure",
    found: `Nothing listens at port ${port} of 127.0.0.1 (ECONNREFUSED).`,
    fix: `pi-opensync serve --port ${port}`,
  });
});

test("a server that does not answer is given up on within 5 s", async () => {
  await using home = await tempDir();
  const silent = createTcpServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  const startedAt = performance.now();
  const { of, troubles } = await diagnose(home.path, to(`http://127.0.0.1:${port}`));
  silent.close();
  expect(troubles).toEqual(["server"]);
  expect(of("server").found).toBe(`http://127.0.0.1:${port} does not answer within 5 s.`);
  expect(performance.now() - startedAt).toBeLessThan(9000);
}, 20_000);

test("a name that nobody has", async () => {
  await using home = await tempDir();
  const { of, troubles } = await diagnose(home.path, to("https://opensync.invalid"));
  expect(troubles).toEqual(["server-name"]);
  expect(of("server-name").found).toContain("opensync.invalid");
});

test("a dead proxy is named by its variable, and not by what stands there", async () => {
  await using home = await tempDir();
  const HTTPS_PROXY = "http://ada:sesame@127.0.0.1:1";
  const env = { ...to("https://opensync.invalid"), HTTPS_PROXY };
  const { of, stdout } = await diagnose(home.path, env);
  expect(of("server")).toMatchObject({ status: "failure" });
  expect(of("server").found).toContain("by way of the proxy in HTTPS_PROXY");
  expect(stdout).not.toContain("sesame");
});

test("a web page", async () => {
  await using home = await tempDir();
  using server = answering(
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
  );
  const { of, troubles } = await diagnose(home.path, to(`http://127.0.0.1:${server.port}`));
  expect(troubles).toEqual(["server"]);
  expect(of("server").found).toStartWith("A web page answers at");
});

test("a redirect is not followed", async () => {
  await using home = await tempDir();
  using server = answering(() => Response.redirect("https://login.example/?from=here"));
  const { of } = await diagnose(home.path, to(`http://127.0.0.1:${server.port}`));
  expect(of("server").found).toContain("redirects to https://login.example (HTTP 302)");
});

test.skipIf(!hasOpenssl)("an expired certificate (needs openssl)", async () => {
  await using home = await tempDir();
  const tls = await expiredCertificate(home.path);
  using server = Bun.serve({ port: 0, tls, fetch: () => new Response() });
  const { of, troubles } = await diagnose(home.path, to(`https://localhost:${server.port}`));
  expect(troubles).toEqual(["server-certificate"]);
  expect(of("server-certificate")).toMatchObject({
    status: "failure",
    found: "The certificate of localhost expired on 2020-02-01.",
  });
});

test("plain http where https is meant", async () => {
  await using home = await tempDir();
  using server = answering(() => new Response());
  const { of } = await diagnose(home.path, to(`https://localhost:${server.port}`));
  expect(of("server-certificate").found).toStartWith(
    `localhost speaks no TLS at port ${server.port}`,
  );
});

test("a clock that is wrong", async () => {
  await using home = await tempDir();
  using server = answering((path) =>
    Response.json(
      path === "/health"
        ? { status: "ok", timestamp: Date.now() - 3 * 3_600_000 }
        : { sessions: [] },
    ),
  );
  const { of, troubles } = await diagnose(home.path, to(`http://127.0.0.1:${server.port}`));
  expect(troubles).toEqual(["server-clock"]);
  expect(of("server-clock")).toMatchObject({
    status: "failure",
    found: "This machine's clock is 3 h ahead of the server's.",
  });
});

test("files that others can read, and --fix", async () => {
  await using home = await tempDir();
  const config = join(home.path, ".config/pi-opensync/config.json");
  const log = join(home.path, ".local/state/pi-opensync/debug.log");
  await write(config, JSON.stringify({ url: "http://127.0.0.1:1", apiKey: key }), 0o644);
  await write(log, "something", 0o640);
  const before = await diagnose(home.path, {}, "--offline");
  expect(before.of("files-private")).toMatchObject({
    status: "failure",
    found: `Others on this machine can read ${config} (644), ${log} (640).`,
    fix: "pi-opensync doctor --fix",
  });
  expect((await stat(config)).mode & 0o777).toBe(0o644);
  const after = await diagnose(home.path, {}, "--offline", "--fix");
  expect(after.troubles).toEqual([]);
  expect((await stat(config)).mode & 0o777).toBe(0o600);
  expect((await stat(log)).mode & 0o777).toBe(0o600);
});

test("a configuration that names a variable for the key may be read by anybody", async () => {
  await using home = await tempDir();
  const config = join(home.path, ".config/pi-opensync/config.json");
  await write(config, JSON.stringify({ url: "http://127.0.0.1:1", apiKey: "$KEY" }), 0o644);
  expect((await diagnose(home.path, { KEY: key }, "--offline")).troubles).toEqual([]);
});

test("a configuration that can't be used", async () => {
  await using home = await tempDir();
  const config = join(home.path, ".config/pi-opensync/config.json");
  await write(config, `{"apiKey": "${key}",}`);
  const broken = await diagnose(home.path);
  expect(broken.troubles).toEqual(["config-file"]);
  expect(broken.of("config-file").found).toContain("is not valid JSON (line 1, column");
  expect(broken.stdout).not.toContain(key);
  await write(
    config,
    JSON.stringify({ url: "http://127.0.0.1:1", apiKey: key, redact: "perhaps", autosync: false }),
  );
  expect((await diagnose(home.path)).troubles).toEqual(["config-value", "config-value"]);
  await write(config, JSON.stringify({ url: "http://example.com", apiKey: key }));
  expect((await diagnose(home.path)).of("config-target").found).toContain("in clear");
  await write(config, JSON.stringify({ url: "http://127.0.0.1:1", apiKey: "!exit 7" }));
  expect((await diagnose(home.path)).of("config-target").found).toContain("exit code 7");
});

test("nothing configured yet", async () => {
  await using home = await tempDir();
  const { of, troubles } = await diagnose(home.path);
  expect(troubles).toEqual(["config-file"]);
  expect(of("config-file").fix).toBe("pi-opensync setup");
});

test("what is switched off is a warning", async () => {
  await using home = await tempDir();
  await using server = await startServe(home.path);
  const env = { ...server.env(), PI_OPENSYNC_AUTO_SYNC: "false", PI_OPENSYNC_REDACT: "false" };
  const { of, troubles } = await diagnose(home.path, env);
  expect(troubles).toEqual(["config-auto-sync", "redaction"]);
  expect(of("config-auto-sync")).toMatchObject({
    status: "warning",
    fix: "unset PI_OPENSYNC_AUTO_SYNC",
  });
});

test("sessions that can't be read", async () => {
  await using home = await tempDir();
  await writeSession(home.path);
  const [damaged, loop] = ["damaged", "loop"].map((name) => sessionPath(home.path, name)) as [
    string,
    string,
  ];
  await write(damaged, '{"type":"sess\0\0\0\n{"type":"message"}\n');
  await symlink(loop, loop);
  const { of, exitCode } = await diagnose(home.path, to("http://127.0.0.1:1"), "--offline");
  const { found, status } = of("sessions-readable");
  expect(status).toBe("failure");
  expect(found).toStartWith("2 of them can't be read: ");
  expect(found).toContain(`${damaged} (its first line is damaged)`);
  expect(found).toContain("ELOOP");
  expect(of("progress")).toMatchObject({ status: "warning", fix: "pi-opensync backfill" });
  expect(exitCode).toBe(1);
});

test.skipIf(process.getuid?.() === 0)(
  "a session without permission (needs not to be root)",
  async () => {
    await using home = await tempDir();
    await writeSession(home.path);
    const path = sessionPath(home.path, "2026-03-01_one");
    await chmod(path, 0);
    const { of } = await diagnose(home.path, {}, "--offline");
    expect(of("sessions-readable").fix).toBe(`chmod u+rwX "${path}"`);
  },
);

const tmpfs = 'mount -t tmpfs -o size=64k none "$XDG_STATE_HOME" && exec "$@"';
const canMount = Bun.spawnSync(["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"]).success;

test.skipIf(!canMount)("a disk that is full (needs user namespaces)", async () => {
  await using home = await tempDir();
  const state = join(home.path, "state");
  await mkdir(state);
  const command = [
    "unshare",
    "-rm",
    "sh",
    "-c",
    tmpfs,
    "sh",
    binary,
    "doctor",
    "--json",
    "--offline",
  ];
  const env = { ...noPi, HOME: home.path, XDG_STATE_HOME: state };
  const child = Bun.spawnSync(command, { env, cwd: home.path });
  const { checks } = JSON.parse(child.stdout.toString()) as { checks: Check[] };
  expect(checks.filter(({ id, status }) => id === "disk" && status === "failure")).toMatchObject([
    { found: expect.stringMatching(/^Only \d+ kB are free at .*\.$/) as string },
  ]);
});

test("a database that is none, is cut off, or comes from a newer version", async () => {
  await using home = await tempDir();
  const server = await startServe(home.path);
  await server[Symbol.asyncDispose]();
  const path = join(home.path, ".local/share/pi-opensync/opensync.db");
  const database = await readFile(path);
  const found = async (content: Uint8Array): Promise<string> => {
    await writeFile(path, content);
    return (await diagnose(home.path, {}, "--offline")).of("embedded-server").found;
  };
  expect(await found(database)).toContain("is sound");
  expect(await found(database.subarray(0, -1))).toEndWith("is cut off.");
  expect(await found(Buffer.from("a text"))).toEndWith("is no database.");
  database.writeUInt32BE(99, 60);
  expect(await found(database)).toContain("by a newer pi-opensync (format 99");
});

test("a part that can't be looked at is told of, and the others are looked at", async () => {
  await using home = await tempDir();
  // A database that is a folder can be opened, and not read.
  await mkdir(join(home.path, ".local/share/pi-opensync/opensync.db"), { recursive: true });
  const env = to("http://127.0.0.1:1", "osk_not a key");
  const { checks, of } = await diagnose(home.path, env);
  const found = checks.filter(({ id }) => id === "unknown").map((check) => check.found);
  expect(found).toHaveLength(2);
  expect(found[0]).toStartWith(
    "The server could not be looked at: The API key is empty or contains",
  );
  expect(found[1]).toStartWith("The database could not be looked at: EISDIR");
  expect(of("disk").status).toBe("well");
});

test("what processes left behind, and --fix", async () => {
  await using home = await tempDir();
  const lock = join(home.path, ".pi/agent/settings.json.lock");
  await mkdir(lock, { recursive: true });
  const longAgo = new Date(Date.now() - 10 * 60_000);
  await utimes(lock, longAgo, longAgo);
  const ended = Bun.spawn(["true"]);
  await ended.exited;
  const mark = join(home.path, `.local/state/pi-opensync/live/${"0".repeat(24)}.${ended.pid}`);
  // The name of a mark is the hash of its session's path.
  const session = join(home.path, "gone.jsonl");
  const hash = new Bun.CryptoHasher("sha256").update(session).digest("hex").slice(0, 24);
  const real = mark.replace("0".repeat(24), hash);
  await write(real, JSON.stringify({ path: session, isSpooled: false }));
  const before = await diagnose(home.path, {}, "--offline");
  expect(before.of("locks")).toMatchObject({
    status: "warning",
    found: `Left behind by a program that ended: ${lock} (10 min old), 1 mark of sessions that are gone.`,
  });
  const after = await diagnose(home.path, {}, "--offline", "--fix");
  expect(after.of("locks").status).toBe("well");
  expect(await readdir(dirname(real))).toEqual([]);
  expect(await readdir(dirname(lock))).toEqual([]);
});

test("looking changes nothing, also where nothing was there", async () => {
  await using home = await tempDir();
  const server = await startServe(home.path);
  await writeSession(home.path);
  await runCli(home.path, ["backfill"], server.env());
  await server[Symbol.asyncDispose]();
  const before = await describeTree(home.path);
  await diagnose(home.path, server.env());
  expect(await describeTree(home.path)).toEqual(before);
  await using empty = await tempDir();
  await diagnose(empty.path, server.env());
  expect(await readdir(empty.path)).toEqual([]);
});

test("--offline asks nobody", async () => {
  await using home = await tempDir();
  let requests = 0;
  using server = answering(() => {
    requests += 1;
    return new Response();
  });
  const { checks } = await diagnose(home.path, to(`http://127.0.0.1:${server.port}`), "--offline");
  expect(checks.filter(({ id }) => id.startsWith("server"))).toEqual([]);
  expect(requests).toBe(0);
});

test("a report holds no key, no home folder, no project and no private server", async () => {
  await using home = await tempDir();
  await writeSession(home.path);
  await write(sessionPath(home.path, "damaged"), "damaged\n");
  const url = `https://ada-${key}.invalid`;
  const { exitCode, stdout } = await runCli(home.path, ["doctor", "--report"], {
    ...noPi,
    ...to(url),
  });
  expect(exitCode).toBe(1);
  expect(stdout).toStartWith("```text\n✓ Program       pi-opensync ");
  expect(stdout).toContain("https://<your-server>, with the key osk_…efgh.");
  expect(stdout).toContain("~/.pi/agent/sessions/--…--/damaged.jsonl (its first line is damaged)");
  expect(stdout).toContain("  apiKey: osk_…efgh (environment)");
  expect(stdout).not.toContain(home.path);
  expect(stdout).not.toContain("engine");
  expect(stdout).not.toContain(key);
  const both = await runCli(home.path, ["doctor", "--report", "--json"], noPi);
  expect(both.exitCode).toBe(2);
});

test("a screen tells each trouble, why it matters and what mends it", async () => {
  await using home = await tempDir();
  const args = ["doctor", "--offline", "--quiet"];
  const { exitCode, stdout, stderr } = await runCli(home.path, args, noPi);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
  expect(stdout).toBe(`\
✗ Configuration There is no ~/.config/pi-opensync/config.json, and the environment does not say where to send.
                Sessions stay on this machine until there is a server.
                → pi-opensync setup
✗ pi            There is no pi on the PATH.
                Sessions that are there can be sent; new ones come from pi.
                → npm install -g @earendil-works/pi-coding-agent
! Sessions      There is no ~/.pi/agent/sessions yet.
                There is nothing to send.
                → Start pi and give it a prompt, or name another folder in PI_CODING_AGENT_SESSION_DIR.

The server was not asked (--offline).
2 ✗   1 !   5 ✓
`);
});

/** All files below a folder, with their sizes, permissions and times. */
async function describeTree(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  const described = names.sort().map(async (name) => {
    const { mode, mtimeMs, size } = await stat(join(dir, name));
    return `${name} ${mode.toString(8)} ${size} ${mtimeMs}`;
  });
  return Promise.all(described);
}
