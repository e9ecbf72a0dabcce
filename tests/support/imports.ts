import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path/posix";

/** What one source file imports from one place. */
export interface Import {
  /** A source file from the root ("lib/errors.ts"), or a package as it is written ("node:fs"). */
  to: string;
  /** The import is gone when the program runs. */
  typeOnly: boolean;
}

/** Each source file of the program, by its path from the root, with what it imports. */
export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

const statement =
  /^(?:import|export)\s+(?<type>type\s)?(?:[^"';]*?\sfrom\s+)?["'](?<to>[^"']+)["']/gm;
const dynamic = /\bimport\(\s*["'](?<to>[^"']+)["']/g;

/** Reads the imports of every TypeScript file under `folders`. */
export async function readImports(root: string, folders: string[]): Promise<ImportGraph> {
  const graph = new Map<string, Import[]>();
  const pattern = new Bun.Glob(`{${folders.join(",")}}/**/*.{ts,tsx}`);
  for await (const path of pattern.scan(root)) {
    if (path.includes("node_modules/")) continue;
    graph.set(path, listImports(path, await readFile(join(root, path), "utf8")));
  }
  return graph;
}

/** The imports in a file's text, relative ones resolved against `path`. */
export function listImports(path: string, text: string): Import[] {
  return [...text.matchAll(statement), ...text.matchAll(dynamic)].map(({ groups }) => ({
    to: groups!.to!.startsWith(".") ? join(dirname(path), groups!.to!) : groups!.to!,
    typeOnly: groups!.type !== undefined,
  }));
}

/** Everything that `path` loads when it runs, by itself or through others. */
export function listReachable(graph: ImportGraph, path: string): Set<string> {
  const reached = new Set<string>();
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { to, typeOnly } of graph.get(next) ?? []) {
      if (typeOnly || reached.has(to)) continue;
      reached.add(to);
      waiting.push(to);
    }
  }
  return reached;
}
