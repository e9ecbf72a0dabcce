import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { AppError } from "../../lib/errors.ts";
import type { Operation } from "../../lib/settings/actions.ts";
import { findConflicts, resolveConflict } from "../../lib/settings/resolve.ts";
import type { Side } from "../../lib/settings/resolve.ts";
import { survey } from "../../lib/settings/survey.ts";
import { eagerClock } from "./eager-clock.ts";
import { Crash, createMemoryStore } from "./memory-store.ts";
import type { Fault } from "./memory-store.ts";
import { settingsMachine } from "./settings-machine.ts";
import type { SettingsMachine } from "./settings-machine.ts";
import { tempDir } from "./temp.ts";

/** Something that happens to a machine. */
export type Happening = { who: number } & (
  | { kind: "add"; path: string; atEnd: boolean }
  | { kind: "replace" | "delete" | "rename"; path: string }
  | { kind: "pi" }
  | { kind: "setting"; key: string }
  | { kind: "sync"; operation: Operation; isForced: boolean }
  | { kind: "broken"; operation: Operation; afterCalls: number; fault: Fault }
  | { kind: "crash"; operation: Operation; afterSteps: number }
  | { kind: "race"; other: number; operation: Operation }
  | { kind: "resolve"; side: Side }
);

/** Machines of one person, a storage, and what the person has written. */
export interface SettingsWorld extends AsyncDisposable {
  happen(happening: Happening): Promise<void>;
  /** Decides all conflicts and syncs until nothing happens any more. */
  settle(): Promise<void>;
  /** That all machines have the same. */
  expectAgreement(): Promise<void>;
  /** That all that was written, and not taken away by the person, is on a machine, in the storage or in a backup. */
  expectNothingLost(): Promise<void>;
}

const { signal } = new AbortController();

/** A machine, and what is to go wrong with it next. */
interface Player {
  machine: SettingsMachine;
  /** For the next call to the storage. */
  fault: (() => Fault | undefined) | undefined;
}

/** Makes a world of so many machines that have not synced yet. */
export async function openWorld(count: number): Promise<SettingsWorld> {
  const dir = await tempDir();
  const objects = new Map<string, Uint8Array>();
  const clock = eagerClock();
  const players: Player[] = [];
  for (let index = 0; index < count; index++) {
    const player: Partial<Player> = { fault: undefined };
    player.machine = await settingsMachine({
      root: dir.path,
      name: `m${index}`,
      settings: { endpoint: dir.path },
      openStore: () => createMemoryStore({ objects, fault: () => player.fault?.() }),
      clock,
    });
    players.push(player as Player);
  }
  /** What the person took away: it need not be anywhere. */
  const discarded = new Set<string>();
  const written = new Set<string>();

  const playerOf = (who: number): Player => players[who % players.length]!;

  function invent(): string {
    const token = `word${written.size}word`;
    written.add(token);
    return token;
  }

  async function discard({ machine }: Player, path: string): Promise<void> {
    for (const token of findTokens((await machine.read(path)) ?? "")) discarded.add(token);
  }

  async function edit(player: Player, happening: Happening): Promise<void> {
    const { machine } = player;
    switch (happening.kind) {
      case "add": {
        const { path, atEnd } = happening;
        if (path === "models.json") return setKey(player, path, invent(), invent());
        const text = (await machine.read(path)) ?? "first\nsecond\nthird\nfourth\n";
        const line = `${invent()}\n`;
        return machine.write(path, atEnd ? text + line : line + text);
      }
      case "replace":
        await discard(player, happening.path);
        if (happening.path === "models.json")
          return machine.write(happening.path, JSON.stringify({ [invent()]: 1 }));
        return machine.write(happening.path, `${invent()}\nsecond\nthird\n`);
      case "delete":
        await discard(player, happening.path);
        if ((await machine.read(happening.path)) !== undefined)
          await machine.remove(happening.path);
        return;
      case "rename": {
        const text = await machine.read(happening.path);
        if (text === undefined) return;
        await machine.write(`${happening.path}.renamed`, text);
        return machine.remove(happening.path);
      }
      case "pi":
        return setKey(player, "settings.json", "lastChangelogVersion", `1.${written.size}`);
      case "setting":
        return setKey(player, "settings.json", happening.key, invent());
      default:
        return;
    }
  }

  async function setKey(player: Player, path: string, key: string, value: string): Promise<void> {
    const before = JSON.parse((await player.machine.read(path)) ?? "{}") as Record<string, string>;
    for (const token of findTokens(before[key] ?? "")) discarded.add(token);
    await player.machine.write(path, JSON.stringify({ ...before, [key]: value }, null, 2));
  }

  /** Runs an operation of a machine whose process may end in it. */
  async function sync(player: Player, operation: Operation, isForced = false): Promise<void> {
    try {
      await player.machine.run(operation, { isForced });
    } catch (error) {
      const isExpected = error instanceof Crash || (error instanceof AppError && player.fault);
      if (!isExpected) throw error;
    }
  }

  async function crashAfter(player: Player, operation: Operation, steps: number): Promise<void> {
    let left = steps;
    player.machine.onStep = () => {
      if (left-- === 0) throw new Crash("The process ended in the middle of apply.");
    };
    await sync(player, operation);
    delete player.machine.onStep;
  }

  async function breakAfter(
    player: Player,
    { operation, afterCalls, fault }: Extract<Happening, { kind: "broken" }>,
  ): Promise<void> {
    let left = afterCalls;
    player.fault = () => (left-- <= 0 ? fault : undefined);
    await sync(player, operation);
    player.fault = undefined;
  }

  async function resolve(player: Player, side: Side): Promise<void> {
    const context = await player.machine.context();
    for (const conflict of await findConflicts(context, signal)) {
      await resolveConflict(context, conflict, side, signal);
    }
  }

  async function readAll({ machine }: Player): Promise<Record<string, string>> {
    const { local } = await survey(await machine.context(), signal);
    return Object.fromEntries([...local.files].map(([path, { sha256 }]) => [path, sha256]));
  }

  return {
    async happen(happening) {
      const player = playerOf(happening.who);
      switch (happening.kind) {
        case "sync":
          return sync(player, happening.operation, happening.isForced);
        case "broken":
          return breakAfter(player, happening);
        case "crash":
          return crashAfter(player, happening.operation, happening.afterSteps);
        case "race": {
          const other = playerOf(happening.other);
          const both = other === player ? [player] : [player, other];
          await Promise.all(both.map((one) => sync(one, happening.operation)));
          return;
        }
        case "resolve":
          return resolve(player, happening.side);
        default:
          return edit(player, happening);
      }
    },
    async settle() {
      for (let round = 0; round < 4; round++) {
        for (const player of players) {
          const { plan } = await survey(await player.machine.context(), signal);
          if (plan.needsChoice) await sync(player, "pull");
          await resolve(player, "mine");
          await sync(player, "sync");
        }
      }
    },
    async expectAgreement() {
      const [first, ...others] = await Promise.all(players.map(readAll));
      for (const other of others) expect(other).toEqual(first!);
    },
    async expectNothingLost() {
      const kept = new Set(findTokens(readStorage(objects)));
      for (const { machine } of players) {
        for (const token of findTokens(await readTree(machine.env["HOME"]!))) kept.add(token);
      }
      const lost = [...written].filter((token) => !kept.has(token) && !discarded.has(token));
      expect(lost).toEqual([]);
    },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

function findTokens(text: string): string[] {
  return text.match(/word\d+word/g) ?? [];
}

function readStorage(objects: ReadonlyMap<string, Uint8Array>): string {
  const snapshots = [...objects].filter(([key]) => key.endsWith(".json.gz"));
  return snapshots.map(([, bytes]) => gunzipSync(bytes).toString()).join("\n");
}

/** The text of all files in a folder. */
async function readTree(folder: string): Promise<string> {
  if (!existsSync(folder)) return "";
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8")),
  );
  return texts.join("\n");
}
