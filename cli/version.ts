import manifest from "../package.json" with { type: "json" };

declare const BUILD_VERSION: string;
declare const BUILD_COMMIT: string;

/** The version in package.json, as of the build. */
export const version: string = typeof BUILD_VERSION === "string" ? BUILD_VERSION : manifest.version;

/** The commit that the binary was built from (see cli/build/build.ts); "source" when it was not built. */
export const commit: string = typeof BUILD_COMMIT === "string" ? BUILD_COMMIT : "source";
