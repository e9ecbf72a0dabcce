const proxyVariables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];
const loopback = "localhost,127.0.0.1,[::1]";

/**
 * Has requests to this machine go there, and not to the proxy that the environment names: plain http
 * is for this machine alone, and the proxy would read the key. All else of proxies is Bun's own.
 */
export function keepLoopbackDirect(env: Record<string, string | undefined>): void {
  const spellings = proxyVariables.flatMap((name) => [name, name.toLowerCase()]);
  if (spellings.every((name) => !env[name])) return;
  // Bun reads the lower case first.
  const direct = [env["no_proxy"] || env["NO_PROXY"], loopback].filter(Boolean).join(",");
  env["NO_PROXY"] = direct;
  env["no_proxy"] = direct;
}
