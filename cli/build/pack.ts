/**
 * Makes the npm package in `dist/npm`: `bun run pack`, then `npm publish dist/npm`. It holds the
 * extension for pi, and the command line for `npx pi-opensync`. The same sources and the same Bun give the same bytes on any machine.
 */

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { readCommit } from "./commit.ts";

const root = join(import.meta.dirname, "../..");

/** pi's own packages that the extension imports, under names that every version of pi knows. */
const piPackages = ["@mariozechner/pi-coding-agent", "@mariozechner/pi-tui"];

/** What imports pi's packages, as the code in the package finds it. */
const importer = 'globalThis[Symbol.for("pi-opensync.import")]';

/**
 * What pi loads first. Compiling all of the extension would take pi a second, so it compiles this
 * file alone, and the rest are modules that Node loads as they stand.
 */
const door = `\
// pi compiles this file, so it can import pi's own packages. The files beside it can't.
${importer} = (name) => import(name);

export { default } from "./main.mjs";
`;

/** The README's pictures. */
const pictures = /\bextension\/media\/([\w-]+\.png)/g;

/** What only the repository needs. With the type "module", pi would not compile the door. */
const fieldsLeftOut = new Set([
  "private",
  "type",
  "scripts",
  "dependencies",
  "devDependencies",
  "knip",
]);

if (import.meta.main) {
  await packPackage(join(root, "dist/npm"));
  process.stdout.write("dist/npm\n");
}

/** Writes the package into a folder, in place of what is there. */
export async function packPackage(dir: string): Promise<void> {
  const modules = await bundleExtension();
  await rm(dir, { recursive: true, force: true });
  for (const [name, text] of [
    ...modules,
    ["extension.js", door] as const,
    ["cli.mjs", await bundleCli()] as const,
    ["package.json", `${JSON.stringify(describePackage(), null, 2)}\n`] as const,
  ]) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text, { mode: name === "cli.mjs" ? 0o755 : 0o644 });
  }
  for (const name of ["CHANGELOG.md", "LICENSE"]) await copyFile(join(root, name), join(dir, name));
  // `pi.image` in package.json names it, as a mirror of npm's packages has it.
  await copyFile(join(root, "extension/media/session.png"), join(dir, "session.png"));
  // On npm's page of the package, the repository's paths lead nowhere.
  const readme = await readFile(join(root, "README.md"), "utf8");
  for (const [path, name = ""] of readme.matchAll(pictures)) {
    await copyFile(join(root, path), join(dir, name));
  }
  const shown = readme
    .replaceAll("extension/media/session.svg", manifest.pi.image)
    .replaceAll(pictures, manifest.pi.image.replace("session.png", "$1"));
  await writeFile(join(dir, "README.md"), shown);
}

/** What pi needs when it starts, as one module, and beside it what is loaded when it is needed. */
async function bundleExtension(): Promise<Map<string, string>> {
  const { outputs } = await Bun.build({
    entrypoints: [join(root, "extension/index.ts")],
    target: "node",
    format: "esm",
    minify: true,
    splitting: true,
    naming: { entry: "main.mjs", chunk: "chunks/[hash].mjs" },
    external: piPackages,
  });
  const modules = new Map<string, string>();
  for (const output of outputs) modules.set(output.path, routeImports(await output.text()));
  return modules;
}

/** Has pi's packages imported by the door. */
function routeImports(code: string): string {
  const routed = code.replaceAll(/\bimport\((?=["'`]@mariozechner\/)/g, `${importer}(`);
  if (/\b(?:from|import)\s*["'`]@mariozechner\//.test(routed)) {
    throw new Error("pi's packages can only be imported inside of functions");
  }
  return routed;
}

/** The command line for Node, in one file; without the server, which is made of Bun's own modules. */
async function bundleCli(): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [join(root, "cli/main.ts")],
    target: "node",
    format: "esm",
    minify: true,
    banner: "#!/usr/bin/env node",
    define: {
      BUILD_VERSION: JSON.stringify(manifest.version),
      BUILD_COMMIT: JSON.stringify(readCommit()),
    },
    plugins: [
      {
        name: "without the server",
        setup(build) {
          build.onLoad({ filter: /[\\/]cli[\\/]commands[\\/]serve\.ts$/ }, () => ({
            contents: "export const serveCommand = undefined;",
            loader: "ts",
          }));
        },
      },
    ],
  });
  const code = (await outputs[0]?.text()) ?? "";
  if (/\b(?:from|import\()\s*["'`]bun(?::|["'`])/.test(code))
    throw new Error("Node has none of Bun's modules");
  return code;
}

function describePackage(): object {
  const kept = Object.entries(manifest).filter(([field]) => !fieldsLeftOut.has(field));
  return {
    ...Object.fromEntries(kept),
    bin: { [manifest.name]: "cli.mjs" },
    pi: { ...manifest.pi, extensions: ["./extension.js"] },
    peerDependencies: Object.fromEntries(piPackages.map((name) => [name, "*"])),
    peerDependenciesMeta: Object.fromEntries(piPackages.map((name) => [name, { optional: true }])),
  };
}
