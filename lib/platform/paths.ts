import { homedir } from "node:os";
import { join } from "node:path";

/** Environment variables, as `process.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The kind of system that this is, in Node's words. */
export const hostPlatform: string = process.platform;

/** Where our own files stand. */
export interface Paths {
  /** Our configuration: `~/.config/pi-opensync/config.json`. */
  configFile: string;
  /** Cursors, logs and what waits: `~/.local/state/pi-opensync`. */
  stateDir: string;
  /** The embedded server's database and key: `~/.local/share/pi-opensync`. */
  dataDir: string;
}

/**
 * Our folders by the XDG base directory specification; `APPDATA` and `LOCALAPPDATA` on Windows.
 * An XDG variable that holds a relative path is ignored, as the specification asks.
 */
export function resolvePaths(env: Env, platform: string = hostPlatform): Paths {
  const home = homeDir(env);
  if (platform === "win32") {
    const roaming = env["APPDATA"] ?? join(home, "AppData", "Roaming");
    const local = env["LOCALAPPDATA"] ?? join(home, "AppData", "Local");
    return {
      configFile: join(roaming, "pi-opensync", "config.json"),
      stateDir: join(local, "pi-opensync", "state"),
      dataDir: join(local, "pi-opensync", "data"),
    };
  }
  const base = (variable: string, fallback: string): string => {
    const value = env[variable];
    return join(value?.startsWith("/") ? value : join(home, fallback), "pi-opensync");
  };
  return {
    configFile: join(base("XDG_CONFIG_HOME", ".config"), "config.json"),
    stateDir: base("XDG_STATE_HOME", ".local/state"),
    dataDir: base("XDG_DATA_HOME", ".local/share"),
  };
}

/** The person's home folder. */
function homeDir(env: Env): string {
  return env["HOME"] || env["USERPROFILE"] || homedir();
}

/** A path as people write it: `~` and `~/…` stand for the home folder. */
export function expandTilde(path: string, env: Env): string {
  if (path === "~") return homeDir(env);
  return path.startsWith("~/") ? join(homeDir(env), path.slice(2)) : path;
}

/** pi's agent directory, as pi itself finds it: `PI_CODING_AGENT_DIR`, else `~/.pi/agent`. */
export function piAgentDir(env: Env): string {
  const dir = env["PI_CODING_AGENT_DIR"];
  return dir ? expandTilde(dir, env) : join(homeDir(env), ".pi", "agent");
}
