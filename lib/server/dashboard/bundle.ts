import { join } from "node:path";

/** A file of the page, as a browser takes it. */
export interface PageFile {
  /** Where it is served: the page at `/`, the others below a hash of what they hold. */
  path: string;
  type: string;
  text: string;
}

const publicPath = "/dashboard/files/";

/**
 * Bundles the page from its sources. The build of the binary does it beforehand, and puts the
 * finished files in the place of this module.
 */
export async function bundlePage(): Promise<PageFile[]> {
  const naming = "[name]-[hash].[ext]";
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dirname, "../../dashboard/index.html")],
    target: "browser",
    format: "esm",
    minify: true,
    splitting: true,
    jsx: { runtime: "automatic", importSource: "preact", development: false },
    publicPath,
    naming: { entry: naming, chunk: naming, asset: naming },
  });
  return Promise.all(outputs.map(readOutput));
}

async function readOutput(output: Bun.BuildArtifact): Promise<PageFile> {
  const isPage = output.path.endsWith(".html");
  const path = isPage ? "/" : publicPath + output.path.replace(/^\.\//, "");
  return { path, type: output.type, text: await output.text() };
}
