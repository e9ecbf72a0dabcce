import type { PageFile } from "./bundle.ts";

/**
 * Answers a GET of the page or of one of its files; undefined where the path is neither. They are
 * bundled when they are first asked for.
 */
export async function getAsset(request: Request, path: string): Promise<Response | undefined> {
  if (!isPage(path) && !path.startsWith("/dashboard/")) return undefined;
  assets ??= loadAssets();
  const asset = (await assets).get(isPage(path) ? "/" : path);
  return asset && present(asset, request, isPage(path) ? "no-store" : forEver);
}

/** For a path that holds a hash of what is there. */
const forEver = "public, max-age=31536000, immutable";

/** Where people look, as `dashboardUrl` says. The shell is the same everywhere, and holds no data. */
function isPage(path: string): boolean {
  return path === "/" || path === "/overview" || /^\/sessions\/[^/]+$/.test(path);
}

interface Asset {
  type: string;
  plain: Uint8Array<ArrayBuffer>;
  gzipped: Uint8Array<ArrayBuffer>;
}

let assets: Promise<Map<string, Asset>> | undefined;

async function loadAssets(): Promise<Map<string, Asset>> {
  // The binary has the finished files in this module: no other command is to load them.
  const { bundlePage } = await import("./bundle.ts");
  const files = await bundlePage();
  return new Map(files.map((file) => [file.path, toAsset(file)]));
}

function toAsset({ type, text }: PageFile): Asset {
  const plain = Buffer.from(text);
  return { type, plain, gzipped: Bun.gzipSync(plain) };
}

function present({ type, plain, gzipped }: Asset, request: Request, caching: string): Response {
  const isGzipped = /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "");
  return new Response(isGzipped ? gzipped : plain, {
    headers: {
      ...safeHeaders,
      "Content-Type": type,
      ...(isGzipped && { "Content-Encoding": "gzip" }),
      Vary: "Accept-Encoding",
      "Cache-Control": caching,
    },
  });
}

/**
 * What stands in sessions is hostile. Were something of it to become a part of the page, the browser
 * would still not run it, load anything for it, or send anything away.
 */
const safeHeaders = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types dompurify",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};
