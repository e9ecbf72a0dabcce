/** The installer for Linux and macOS, against releases on this machine. */

import { describe, expect, test } from "bun:test";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import manifest from "../../package.json" with { type: "json" };
import { binary } from "../support/cli.ts";
import { tempDir } from "../support/temp.ts";

const script = join(import.meta.dirname, "../../cli/install/install.sh");
const machine = `${process.platform}-${process.arch}`;

describe("install.sh", () => {
  test("puts the binary of this machine into its place", async () => {
    await using releases = await serveReleases();
    await using home = await tempDir();
    const { exitCode, stderr } = await install(home.path, { PI_OPENSYNC_RELEASES: releases.url });
    expect(stderr).toContain(`Installed pi-opensync ${manifest.version} (`);
    expect(stderr).toContain(`add ${home.path}/.local/bin to your PATH`);
    expect(exitCode).toBe(0);
    const installed = join(home.path, ".local/bin/pi-opensync");
    expect((await stat(installed)).mode & 0o777).toBe(0o755);
    expect(releases.asked()).toEqual([
      "/latest/download/SHA256SUMS",
      `/latest/download/pi-opensync-${machine}`,
    ]);
  });

  test("takes another version, into another folder, over what is there", async () => {
    await using releases = await serveReleases();
    await using home = await tempDir();
    const bin = join(home.path, "bin with blanks");
    const env = {
      PI_OPENSYNC_RELEASES: releases.url,
      PI_OPENSYNC_VERSION: "v0.0.9",
      PI_OPENSYNC_BIN: bin,
      PATH: `${bin}:${process.env["PATH"]}`,
    };
    await install(home.path, env);
    const { exitCode, stderr } = await install(home.path, env);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Next: pi-opensync setup");
    expect(releases.asked().at(-1)).toBe(`/download/v0.0.9/pi-opensync-${machine}`);
    expect(await readdir(bin)).toEqual(["pi-opensync"]);
  });

  const troubles: [what: string, says: string, options: ReleaseOptions][] = [
    ["another file than was released", "not what the release holds", { sum: "0".repeat(64) }],
    ["a release without this machine", "does not name pi-opensync-", { file: "pi-opensync-vax" }],
    ["no release", "could not download", { isGone: true }],
  ];

  test.each(troubles)("installs nothing from %s", async (_what, says, options) => {
    await using releases = await serveReleases(options);
    await using home = await tempDir();
    const { exitCode, stderr } = await install(home.path, { PI_OPENSYNC_RELEASES: releases.url });
    expect(stderr).toContain(says);
    expect(exitCode).toBe(1);
    expect(await readdir(home.path)).toEqual([]);
  });

  test.each([{}, { PI_OPENSYNC_RELEASES: "http://example.com" }])(
    "fetches nothing from where it should not: %p",
    async (env) => {
      await using home = await tempDir();
      const { exitCode, stderr } = await install(home.path, env);
      expect(stderr).toContain("set PI_OPENSYNC_RELEASES");
      expect(exitCode).toBe(1);
    },
  );
});

interface ReleaseOptions {
  /** What SHA256SUMS says of the file, and its name there. */
  sum?: string;
  file?: string;
  isGone?: boolean;
}

interface Releases extends AsyncDisposable {
  url: string;
  asked(): string[];
}

async function serveReleases(options: ReleaseOptions = {}): Promise<Releases> {
  const hash = new Bun.CryptoHasher("sha256").update(await Bun.file(binary).arrayBuffer());
  const { sum = hash.digest("hex"), file = `pi-opensync-${machine}`, isGone = false } = options;
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch({ url }) {
      const { pathname } = new URL(url);
      asked.push(pathname);
      if (isGone) return new Response("", { status: 404 });
      if (pathname.endsWith("/SHA256SUMS")) return new Response(`${sum}  ${file}\n`);
      return new Response(Bun.file(binary));
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ""),
    asked: () => asked,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

async function install(
  home: string,
  env: Record<string, string | undefined>,
): Promise<{ exitCode: number; stderr: string }> {
  const child = Bun.spawn(["sh", script], {
    cwd: home,
    env: { HOME: home, PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const stderr = await child.stderr.text();
  return { exitCode: await child.exited, stderr };
}
