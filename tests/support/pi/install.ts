/**
 * Installs the versions of pi that the tests drive. Run by itself, it does so beforehand:
 * `bun tests/support/pi/install.ts`.
 */

import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeTarget, parseTargets } from "./targets.ts";
import type { PiTarget } from "./targets.ts";

/** A version of pi and how it gets into a folder. */
interface Installation {
  version: string;
  install(dir: string): Promise<void>;
  /** What starts it, once it stands in `dir`. */
  command(dir: string): string[];
}

const nodePackage = `node-${process.platform}-${process.arch}`;

const installations: Installation[] = [
  {
    version: "0.73.1",
    install: (dir) => npmInstall(dir, "@mariozechner/pi-coding-agent@0.73.1"),
    command: (dir) => [
      nodeOnPath(),
      join(dir, "node_modules/@mariozechner/pi-coding-agent/dist/cli.js"),
    ],
  },
  {
    version: "1.5.2",
    async install(dir) {
      // The registry lacks some of its dependencies, but its bundle needs only these.
      await npmInstall(
        dir,
        `${nodePackage}@24.21.0`,
        "jiti@2.7.0",
        "@silvia-odwyer/photon-node@0.3.4",
      );
      await run(dir, "npm", "pack", "--silent", "@earendil-works/pi-coding-agent@1.5.2");
      await mkdir(join(dir, "pi"));
      const archive = "earendil-works-pi-coding-agent-1.5.2.tgz";
      await run(dir, "tar", "-xzf", archive, "--strip-components=1", "-C", "pi");
      await rm(join(dir, archive));
    },
    command: (dir) => [
      join(dir, "node_modules", nodePackage, "bin/node"),
      join(dir, "pi/dist/bundle/cli.js"),
    ],
  },
];

const installDir = join(import.meta.dirname, "../../../.pi-targets");

/**
 * The versions of pi to test with: those of the variable `PI_TARGETS`, else those that are installed
 * into `.pi-targets` from the npm registry, which takes half a minute the first time.
 */
export async function piTargets(): Promise<PiTarget[]> {
  const given = process.env["PI_TARGETS"];
  if (given) return parseTargets(given);
  const targets: PiTarget[] = [];
  for (const installation of installations) {
    const place = join(installDir, installation.version);
    if (!existsSync(place)) await installAt(place, installation);
    targets.push(describeTarget(`pi ${installation.version}`, installation.command(place)));
  }
  return targets;
}

/**
 * Installs beside the place and moves there at the end, so that what stands there is complete: of
 * two processes that do it at once the first one wins, and one that is killed leaves nothing there.
 */
async function installAt(place: string, installation: Installation) {
  await mkdir(installDir, { recursive: true });
  await removeLeftovers();
  const workDir = join(installDir, `installing-${installation.version}-${process.pid}`);
  await mkdir(workDir);
  try {
    await installation.install(workDir);
    await rename(workDir, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Removes what processes left that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(installDir)) {
    const pid = /^installing-.*-(\d+)$/.exec(name)?.[1];
    if (pid && (Number(pid) === process.pid || !isRunning(Number(pid)))) {
      await rm(join(installDir, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function npmInstall(dir: string, ...packages: string[]): Promise<void> {
  // npm would install into the repository around it, were this no package.
  await writeFile(join(dir, "package.json"), '{"private":true}\n');
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  await run(dir, "npm", "install", ...flags, ...packages);
}

async function run(cwd: string, ...command: string[]): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) {
    throw new Error(`${command.join(" ")} failed:\n${output}${errors}`);
  }
}

function nodeOnPath(): string {
  const node = Bun.which("node");
  if (node === null) throw new Error("pi needs node on the PATH");
  return node;
}

if (import.meta.main) {
  for (const { name, command } of await piTargets()) console.log(`${name}: ${command.join(" ")}`);
}
