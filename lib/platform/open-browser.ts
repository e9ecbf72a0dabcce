import { spawn } from "node:child_process";

import { hostPlatform } from "./paths.ts";
import type { Env } from "./paths.ts";

/**
 * Opens a web address in the person's browser. Gives false where there is none, as on a machine that
 * is reached over the network.
 */
export function openBrowser(url: string, env: Env): Promise<boolean> {
  const [command, ...args] = browserCommand(url, env);
  if (command === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn(command, args, { detached: true, stdio: "ignore" });
    child.on("error", () => resolve(false));
    child.on("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}

function browserCommand(url: string, env: Env): string[] {
  if (hostPlatform === "darwin") return ["open", url];
  if (hostPlatform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  const hasDisplay = Boolean(env["DISPLAY"] ?? env["WAYLAND_DISPLAY"]);
  return hasDisplay ? ["xdg-open", url] : [];
}
