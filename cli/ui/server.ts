/** What a person needs to know of a server that has just started. */
export function describeServer(server: {
  url: string;
  link: string;
  databasePath: string;
  keyPath: string;
}): string {
  const { url, link, databasePath, keyPath } = server;
  return [
    `OpenSync-compatible server at ${url}`,
    "",
    `  look at it  ${link}`,
    "              good once, within 15 minutes; another: pi-opensync open",
    `  database    ${databasePath}`,
    `  key         ${keyPath}`,
    "",
    "  Ctrl-C ends it.",
    "",
    "",
  ].join("\n");
}
