/** Who may import whom, and what no file of the repository may hold. */

import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Import, listImports, listReachable, readImports } from "./support/imports.ts";
import { suites } from "./suites.ts";

const root = join(import.meta.dirname, "..");
const graph = await readImports(root, ["cli", "extension", "lib"]);

/** Files that turn data into data: they neither read nor change anything outside their arguments. */
const pure = [
  "lib/errors.ts",
  "lib/assert.ts",
  "lib/suggest.ts",
  "lib/config/{schema,resolve}.ts",
  "lib/opensync/{wire,base-url,failure}.ts",
  "lib/platform/network-error.ts",
  "lib/redact/!(known-secrets|load-redactor).ts",
  "lib/session/{entry,value,cut,problem}.ts",
  "lib/sync/plan.ts",
  "lib/transcript/**",
];

/** Of our own files, those in `from` import those in `to` and no others. */
interface Rule {
  name: string;
  from: string[];
  to: string[];
  /** Where types may come from besides: the shape of what a file takes as an argument. */
  toTypes?: string[];
}

const lib = ["lib/*.ts", "lib/!(server|dashboard)/**"];
const server = ["lib/server/**"];
/** What page and server say to each other. */
const pageApi = "lib/dashboard/api.ts";
const platform = ["lib/platform/**"];

const rules: Rule[] = [
  { name: "pure files", from: pure, to: pure, toTypes: platform },
  { name: "the platform", from: platform, to: ["lib/{errors,assert}.ts", ...platform] },
  { name: "lib", from: lib, to: lib },
  { name: "the server", from: server, to: [...lib, ...server, pageApi] },
  { name: "the dashboard's page", from: ["lib/dashboard/**"], to: ["lib/dashboard/**"] },
  { name: "the extension", from: ["extension/**"], to: ["extension/**", ...lib] },
  { name: "the command line", from: ["cli/**"], to: ["cli/**", ...lib, ...server, "package.json"] },
];

describe("imports", () => {
  test.each(rules)("$name: only what it may know", ({ from, to, toTypes = [] }) => {
    const wrong = edges(from).filter(
      ({ to: target, typeOnly }) =>
        isOurs(target) && !matches(target, to) && !(typeOnly && matches(target, toTypes)),
    );
    expect(wrong).toEqual([]);
  });

  test("pure files import no package, and no part of Node but hashing", () => {
    const packages = edges(pure).filter(({ to }) => !isOurs(to));
    const hashing = packages.filter(
      ({ from, to }) => to === "node:crypto" && /^lib\/(transcript|redact)\//.test(from),
    );
    expect(packages).toEqual(hashing);
  });

  test("lib and the extension need no package but pi's own, and one to encrypt settings: they run from a bare clone", () => {
    const packages = edges([...lib, "extension/**"]).filter(
      ({ to, typeOnly }) => !isOurs(to) && !typeOnly && !/^(node:|@mariozechner\/)/.test(to),
    );
    expect(packages.map(({ from, to }) => [from, to])).toEqual([
      ["lib/settings/remote/seal.ts", "age-encryption"],
    ]);
  });

  test("the dashboard's page needs no more than its four packages", () => {
    const packages = edges(["lib/dashboard/**"]).filter(({ to }) => !isOurs(to));
    const known = /^(preact|marked|dompurify|highlight\.js)(\/|$)/;
    expect(packages.filter(({ to }) => !known.test(to))).toEqual([]);
  });

  test("only the server and the command line use Bun", () => {
    const elsewhere = edges([...lib, "extension/**"]);
    expect(elsewhere.filter(({ to }) => isBun(to))).toEqual([]);
  });

  test("the extension reaches neither Bun nor the server", () => {
    const reaching = [...graph.keys()].filter(
      (path) => path.startsWith("extension/") && [...listReachable(graph, path)].some(isBunOnly),
    );
    expect(reaching).toEqual([]);
  });

  test("no file reaches itself", () => {
    const cycles = [...graph.keys()].filter((path) => listReachable(graph, path).has(path));
    expect(cycles).toEqual([]);
  });

  test("every form of import is read", () => {
    const text = [
      'import a from "./a.ts";',
      'import type { B } from "./b.ts";',
      'import {\n  c,\n  type D,\n} from "../c.ts";',
      'import "./d.ts";',
      'export { e } from "./e.ts";',
      'export * from "./f.ts";',
      'const g = await import("./g.ts");',
      'import manifest from "../../package.json" with { type: "json" };',
    ].join("\n");
    expect(listImports("lib/x/y.ts", text)).toEqual([
      { to: "lib/x/a.ts", typeOnly: false },
      { to: "lib/x/b.ts", typeOnly: true },
      { to: "lib/c.ts", typeOnly: false },
      { to: "lib/x/d.ts", typeOnly: false },
      { to: "lib/x/e.ts", typeOnly: false },
      { to: "lib/x/f.ts", typeOnly: false },
      { to: "package.json", typeOnly: false },
      { to: "lib/x/g.ts", typeOnly: false },
    ]);
  });
});

describe("files", () => {
  test("no source file has more than 300 lines", async () => {
    const paths = await listFiles("{cli,extension,lib}/**/*.ts");
    const long = await filterByText(paths, (text) => text.trimEnd().split("\n").length > 300);
    expect(long).toEqual([]);
  });

  test("lib has no barrels: a file exports what it holds", async () => {
    const passedOn = /^export (type )?([*]|[{][^}]*[}]).* from /m;
    expect(
      await filterByText(await listFiles("lib/**/*.ts"), (text) => passedOn.test(text)),
    ).toEqual([]);
  });

  test("no file names a folder of the machine that it was written on", async () => {
    const folder = /(?<![\w.~-])[/](work|root|tmp|home[/]runner)[/]/;
    const paths = (await listFiles("**/*")).filter((path) => !path.startsWith("tests/fixtures/"));
    expect(await filterByText(paths, (text) => folder.test(text))).toEqual([]);
  });

  test("lockfiles name no registry", async () => {
    const paths = await listFiles("**/{bun.lock,.npmrc,bunfig.toml}");
    expect(await filterByText(paths, (text) => text.includes("://"))).toEqual([]);
  });

  test(".ci/run installs what the optional suites need", async () => {
    const script = await readFile(join(root, ".ci/run"), "utf8");
    const [, groups = ""] = script.match(/^packages=\(([^)]*)\)$/m)!;
    const installed = groups.split(/["\s]+/).filter((name) => name !== "");
    const needed = suites.map(({ install }) => install.replace("apt-get install ", ""));
    expect(installed).toEqual(needed.join(" ").split(" "));
  });
});

function edges(from: string[]): (Import & { from: string })[] {
  return [...graph]
    .filter(([path]) => matches(path, from))
    .flatMap(([path, imports]) => imports.map((to) => ({ from: path, ...to })));
}

function matches(path: string, patterns: string[]): boolean {
  return patterns.some((pattern) => new Bun.Glob(pattern).match(path));
}

/** A file of this repository, and not a package. */
function isOurs(target: string): boolean {
  return /\.(tsx?|json|sql|html|css)$/.test(target) && !target.startsWith("@");
}

function isBun(target: string): boolean {
  return target === "bun" || target.startsWith("bun:");
}

function isBunOnly(target: string): boolean {
  return isBun(target) || target.startsWith("lib/server/");
}

/** The repository's own files, hidden ones included, sorted. */
async function listFiles(pattern: string): Promise<string[]> {
  const paths = await Array.fromAsync(new Bun.Glob(pattern).scan({ cwd: root, dot: true }));
  return paths
    .filter((path) => !/(^|[/])(node_modules|dist|\.git|\.pi-targets)[/]/.test(path))
    .sort();
}

async function filterByText(paths: string[], test: (text: string) => boolean): Promise<string[]> {
  const kept: string[] = [];
  for (const path of paths) {
    if (test(await readFile(join(root, path), "utf8"))) kept.push(path);
  }
  return kept;
}
