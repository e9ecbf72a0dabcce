/** What a person needs to know of a server that has just started. */
export function describeServer(server: {
  url: string;
  link: string;
  databasePath: string;
  keyPath: string;
  /** Whether `pi-opensync open` finds this server. */
  isFound: boolean;
}): string {
  const { url, link, databasePath, keyPath, isFound } = server;
  return [
    `OpenSync-compatible server at ${url}`,
    "",
    `  look at it  ${link}`,
    `              good once, within 15 minutes${isFound ? "; another: pi-opensync open" : ""}`,
    `  database    ${databasePath}`,
    `  key         ${keyPath}`,
    "",
    "  Ctrl-C ends it.",
    "",
    "",
  ].join("\n");
}
