import { spawn } from "node:child_process";
import { join } from "node:path";

import { startDeadline } from "../../platform/deadline.ts";
import { hostPlatform } from "../../platform/paths.ts";
import type { Env } from "../../platform/paths.ts";
import { readManifest } from "../../pi/package-source.ts";
import { asArray, asRecord, asString } from "../../session/value.ts";

/** What pi loads of us when it starts. */
export type LoadFacts =
  | {
      kind: "started";
      /** Copies of our extension that are loaded. */
      copies: { source: string; version?: string }[];
      /** The older plugin is loaded. */
      hasOlderPlugin: boolean;
    }
  | { kind: "failed"; reason: string };

/** How a pi is started. */
export interface PiStart {
  /** The program. */
  path: string;
  env: Env;
  /** Where it is started: a project can have extensions of its own. */
  cwd: string;
  timeoutMs: number;
}

/** Without a model, a session file and the network; `get_commands` lists what extensions registered. */
const args = ["--offline", "--no-session", "--mode", "rpc"];
const request = '{"id":"doctor","type":"get_commands"}\n';
const reasonCharsMax = 400;

/** Starts pi as a person would, sees which commands its extensions registered, and ends it. */
export async function startPi(start: PiStart): Promise<LoadFacts> {
  const { stdout, stderr, hasTimedOut } = await runPi(start);
  const commands = readCommands(stdout);
  if (commands) return describeLoaded(commands);
  const reason = hasTimedOut
    ? `it did not start within ${start.timeoutMs / 1000} s`
    : stderr.replaceAll(/\s+/g, " ").trim().slice(0, reasonCharsMax);
  return { kind: "failed", reason: reason === "" ? "it ended without a word" : reason };
}

interface Printed {
  stdout: string;
  stderr: string;
  hasTimedOut: boolean;
}

function runPi({ path, env, cwd, timeoutMs }: PiStart): Promise<Printed> {
  return new Promise((resolve) => {
    const deadline = startDeadline(timeoutMs);
    const child = spawn(path, args, {
      cwd,
      // What this start finds unsent is left to a real one.
      env: { ...env, PI_OFFLINE: "1", PI_OPENSYNC_AUTO_SYNC: "false", PI_SYNC_AUTO_SYNC: "false" },
      stdio: "pipe",
      windowsHide: true,
      // On Windows, npm's programs are scripts of the shell.
      shell: hostPlatform === "win32",
      signal: deadline.signal,
      killSignal: "SIGKILL",
    });
    const printed = { stdout: "", stderr: "" };
    const finish = (): void => {
      deadline.end();
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ ...printed, hasTimedOut: deadline.hasPassed() });
    };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => (printed[name] += text));
    }
    child.on("error", (error) => {
      if (!deadline.hasPassed()) printed.stderr += error.message;
      finish();
    });
    child.on("close", finish);
    // It may have ended before it reads.
    child.stdin.on("error", () => {});
    // The end of its input ends pi, once it has answered.
    child.stdin.end(request);
  });
}

type Command = Record<string, unknown>;

/** The commands in pi's answer, among all else that it prints; undefined where it did not answer. */
function readCommands(stdout: string): Command[] | undefined {
  for (const line of stdout.split("\n")) {
    const message = asRecord(parseJson(line));
    if (message?.["id"] !== "doctor" || message["success"] !== true) continue;
    return asArray(asRecord(message["data"])?.["commands"])
      .map(asRecord)
      .filter((command) => command !== undefined);
  }
  return undefined;
}

async function describeLoaded(commands: readonly Command[]): Promise<LoadFacts> {
  const copies = new Map<string, { source: string; version?: string }>();
  let hasOlderPlugin = false;
  for (const command of commands) {
    const info = asRecord(command["sourceInfo"]);
    const path = asString(info?.["path"]) ?? "";
    if (/[\\/]pi-opensync-plugin[\\/]/.test(path)) hasOlderPlugin = true;
    // With several copies, pi numbers the commands: opensync:1.
    else if (/^opensync(:\d+)?$/.test(String(command["name"]))) {
      copies.set(path, await describeCopy(info, path));
    }
  }
  return { kind: "started", copies: [...copies.values()], hasOlderPlugin };
}

async function describeCopy(
  info: Command | undefined,
  path: string,
): Promise<{ source: string; version?: string }> {
  const folder = asString(info?.["baseDir"]) ?? join(path, "..", "..");
  const version = asString((await readManifest(folder))?.["version"]);
  const source = asString(info?.["source"]);
  // What is found in a folder of extensions is called "auto".
  const name = source === undefined || !/[:/\\]/.test(source) ? path : source;
  return version === undefined ? { source: name } : { source: name, version };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
