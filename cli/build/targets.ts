/** A platform that a binary is made for. */
export interface Target {
  /** The binary's file name in `dist/`. */
  file: string;
  /** The platform by Bun's name. */
  bun: Bun.Build.CompileTarget;
  /** Bun's executable for the platform, inside `runtimes/node_modules`. */
  runtime: string;
}

/** Every platform that a release has a binary for. */
export const targets: Target[] = [
  {
    file: "pi-opensync-linux-x64",
    bun: "bun-linux-x64",
    runtime: "@oven/bun-linux-x64/bin/bun",
  },
  {
    file: "pi-opensync-linux-x64-musl",
    bun: "bun-linux-x64-musl",
    runtime: "@oven/bun-linux-x64-musl/bin/bun",
  },
  {
    file: "pi-opensync-linux-arm64",
    bun: "bun-linux-arm64",
    runtime: "@oven/bun-linux-aarch64/bin/bun",
  },
  {
    file: "pi-opensync-linux-arm64-musl",
    bun: "bun-linux-arm64-musl",
    runtime: "@oven/bun-linux-aarch64-musl/bin/bun",
  },
  {
    file: "pi-opensync-darwin-x64",
    bun: "bun-darwin-x64",
    runtime: "@oven/bun-darwin-x64/bin/bun",
  },
  {
    file: "pi-opensync-darwin-arm64",
    bun: "bun-darwin-arm64",
    runtime: "@oven/bun-darwin-aarch64/bin/bun",
  },
  {
    file: "pi-opensync-windows-x64.exe",
    bun: "bun-windows-x64",
    runtime: "@oven/bun-windows-x64/bin/bun.exe",
  },
];
