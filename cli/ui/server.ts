/** What a person needs to know of a server that has just started. */
export function describeServer(url: string, databasePath: string, keyPath: string): string {
  return [
    `OpenSync-compatible server at ${url}`,
    "",
    `  database  ${databasePath}`,
    `  key       ${keyPath}`,
    "",
    "  Look at the sessions:",
    `  curl -H "Authorization: Bearer $(cat '${keyPath}')" '${url}/api/sessions'`,
    `  curl -H "Authorization: Bearer $(cat '${keyPath}')" '${url}/api/search?q=a+word'`,
    "",
    "  Ctrl-C ends it.",
    "",
    "",
  ].join("\n");
}
