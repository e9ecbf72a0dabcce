/**
 * Compiles the program into one file: `bun run build` for this machine, `bun run build:all` for
 * every target. The same sources and the same Bun give the same bytes on any machine.
 */

import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import manifest from "../../package.json" with { type: "json" };
import { bundlePage } from "../../lib/server/dashboard/bundle.ts";
import runtimeManifest from "./runtimes/package.json" with { type: "json" };
import { readCommit } from "./commit.ts";
import { targets } from "./targets.ts";

const root = join(import.meta.dirname, "../..");
const dist = join(root, "dist");
const runtimes = join(import.meta.dirname, "runtimes");

const { values: options } = parseArgs({ options: { all: { type: "boolean", default: false } } });
const page = JSON.stringify(await bundlePage());

/** Puts the finished page in the place of the module that bundles it. */
const pageInside: Bun.BunPlugin = {
  name: "page inside",
  setup(build) {
    build.onLoad({ filter: /[\\/]lib[\\/]server[\\/]dashboard[\\/]bundle\.ts$/ }, () => ({
      contents: `export const bundlePage = () => Promise.resolve(${page});`,
      loader: "ts",
    }));
  },
};

await (options.all ? buildAll() : buildHost());

async function buildHost(): Promise<void> {
  await compile(process.platform === "win32" ? "pi-opensync.exe" : "pi-opensync", {});
}

async function buildAll(): Promise<void> {
  await installRuntimes();
  const sums: string[] = [];
  for (const { file, bun, runtime } of targets) {
    const executablePath = join(runtimes, "node_modules", runtime);
    await compile(file, { target: bun, executablePath });
    sums.push(`${await sha256(join(dist, file))}  ${file}\n`);
  }
  await writeFile(join(dist, "SHA256SUMS"), sums.join(""));
}

/**
 * Gets Bun for every target from the npm registry. Bun would fetch them by itself when it compiles,
 * but without a check of what it got: here the lockfile holds their hashes.
 */
async function installRuntimes(): Promise<void> {
  const wanted = runtimeManifest.dependencies["@oven/bun-linux-x64"];
  if (Bun.version !== wanted) {
    throw new Error(`this is Bun ${Bun.version}, and cli/build/runtimes has ${wanted}`);
  }
  const command = ["install", "--frozen-lockfile", "--silent", "--os", "*", "--cpu", "*"];
  const install = Bun.spawn([process.execPath, ...command], {
    cwd: runtimes,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await install.exited) !== 0) throw new Error("cannot install Bun for the other targets");
}

/** Writes `dist/<file>`, whole or not at all. */
async function compile(file: string, platform: Bun.CompileBuildOptions): Promise<void> {
  await mkdir(dist, { recursive: true });
  const scratch = await mkdtemp(join(dist, ".build-"));
  try {
    await Bun.build({
      entrypoints: [join(root, "cli/main.ts")],
      root,
      target: "bun",
      format: "esm",
      minify: true,
      // With bytecode and one chunk for each command, `--version` starts as fast as an empty program.
      // The bytecode runs on every target (oven-sh/bun#40270).
      bytecode: true,
      splitting: true,
      // 0.1 MB of 110, for stack traces that name our own files and lines.
      sourcemap: "inline",
      define: {
        BUILD_VERSION: JSON.stringify(manifest.version),
        BUILD_COMMIT: JSON.stringify(readCommit()),
      },
      plugins: [pageInside],
      compile: {
        ...platform,
        outfile: join(scratch, file),
        // What stands in the folder where somebody happens to work must not steer the program.
        autoloadDotenv: false,
        autoloadBunfig: false,
        autoloadTsconfig: false,
        autoloadPackageJson: false,
      },
    });
    await chmod(join(scratch, file), 0o755);
    await rename(join(scratch, file), join(dist, file));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  process.stdout.write(`dist/${file}\n`);
}

async function sha256(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}
