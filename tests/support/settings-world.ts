import { expect } from "bun:test";
import { appendFileSync, existsSync } from "node:fs";
import { chmod, mkdir, rm, stat } from "node:fs/promises";

import { AppError } from "../../lib/errors.ts";
import type { Operation } from "../../lib/settings/actions.ts";
import { hashContent } from "../../lib/settings/hash.ts";
import { LockedError } from "../../lib/settings/lock.ts";
import { findConflicts, resolveConflict } from "../../lib/settings/resolve.ts";
import type { Side } from "../../lib/settings/resolve.ts";
import { prepareRollback } from "../../lib/settings/rollback.ts";
import { prepare, runOperation } from "../../lib/settings/run.ts";
import type { Planner, Review } from "../../lib/settings/run.ts";
import { survey } from "../../lib/settings/survey.ts";
import { eagerClock } from "./eager-clock.ts";
import { Crash, createMemoryStore } from "./memory-store.ts";
import type { Fault } from "./memory-store.ts";
import { openLedger, readStorage, readTree } from "./settings-ledger.ts";
import { settingsMachine } from "./settings-machine.ts";
import type { SettingsMachine } from "./settings-machine.ts";
import { tempDir } from "./temp.ts";

/** Something that happens to a machine. */
export type Happening = { who: number } & (
  | { kind: "add"; path: string; atEnd: boolean }
  | { kind: "replace" | "delete" | "rename" | "mode"; path: string }
  /** pi writes its own key; the agent directory is lost; a file is excluded, or not any more. */
  | { kind: "pi" | "wipe" | "exclude" }
  | { kind: "setting"; key: string }
  | { kind: "sync"; operation: Operation; isForced: boolean }
  | { kind: "broken"; operation: Operation; afterCalls: number; fault: Fault }
  | { kind: "crash"; operation: Operation; afterSteps: number }
  /** The person writes to a file that is being replaced. */
  | { kind: "meanwhile"; operation: Operation; afterFiles: number }
  /** Two machines at once, or two processes of one. */
  | { kind: "race"; other: number; operation: Operation }
  | { kind: "rollback"; back: number }
  | { kind: "resolve"; side: Side }
);

/** Machines of one person, a storage, and what the person has written. */
export interface SettingsWorld extends AsyncDisposable {
  /** All machines get the same files, by a first sync. */
  begin(paths: readonly string[]): Promise<void>;
  happen(happening: Happening): Promise<void>;
  /** Decides all conflicts and syncs until nothing happens any more. */
  settle(): Promise<void>;
  /** That all machines have the same. */
  expectAgreement(): Promise<void>;
  /** That all that was written, and not taken away by the person, is on a machine, in the storage or in a backup. */
  expectNothingLost(): Promise<void>;
  /** That of it, what no person has decided about is in use on all machines. */
  expectNothingReverted(): Promise<void>;
}

const { signal } = new AbortController();
/** What the second machine keeps for itself, and what `exclude` excludes. */
const localKey = "b";
const excluded = "prompts/b.md";

/** A machine, and what is to go wrong with it next. */
interface Player {
  machine: SettingsMachine;
  localKeys: string[];
  /** For the next call to the storage. */
  fault: (() => Fault | undefined) | undefined;
  isDead: boolean;
  /** The person does not write on a machine that has lost all until it is back. */
  isWiped: boolean;
  isExcluding: boolean;
  /** It has synced since, so that what happens to the file here is its own affair. */
  hasNotedExclusion: boolean;
}

/** Makes a world of so many machines that have not synced yet. */
export async function openWorld(count: number): Promise<SettingsWorld> {
  const dir = await tempDir();
  const objects = new Map<string, Uint8Array>();
  const ledger = openLedger();
  const players = await Promise.all(
    Array.from({ length: count }, (_, index) => enter(dir.path, index)),
  );

  async function enter(root: string, index: number): Promise<Player> {
    const localKeys = index === 1 ? [localKey] : [];
    const machine = await settingsMachine({
      root,
      name: `m${index}`,
      settings: { endpoint: root, localKeys },
      openStore: () =>
        createMemoryStore({
          objects,
          fault: () => (player.isDead ? "crash-before" : player.fault?.()),
        }),
      clock: eagerClock(),
    });
    const calm = { fault: undefined, isDead: false, isWiped: false };
    const taking = { isExcluding: false, hasNotedExclusion: false };
    const player: Player = { machine, localKeys, ...calm, ...taking };
    return player;
  }

  const playerOf = (who: number): Player => players[who % players.length]!;

  async function edit(player: Player, happening: Happening): Promise<void> {
    const { machine } = player;
    if (happening.kind === "pi")
      return setKey(player, "settings.json", "lastChangelogVersion", `1.${Math.random()}`);
    if (player.isWiped) return;
    switch (happening.kind) {
      case "add": {
        const { path, atEnd } = happening;
        if (path === "models.json") return setKey(player, path, ledger.invent(), ledger.invent());
        const text = (await machine.read(path)) ?? "first\nsecond\nthird\nfourth\n";
        const line = `${ledger.invent()}\n`;
        return machine.write(path, atEnd ? text + line : line + text, await modeOf(player, path));
      }
      case "replace": {
        const { path } = happening;
        ledger.discard(await machine.read(path));
        if (path === "models.json")
          return machine.write(path, JSON.stringify({ [ledger.invent()]: 1 }));
        return machine.write(path, `${ledger.invent()}\nsecond\nthird\n`);
      }
      case "delete":
        if (!(await isOwnAffair(player, happening.path)))
          ledger.discard(await machine.read(happening.path));
        return rm(fileOf(player, happening.path), { force: true });
      case "rename": {
        const text = await machine.read(happening.path);
        if (text === undefined) return;
        const to = `${happening.path}.renamed`;
        ledger.discard(await machine.read(to));
        // Beside settings.json, what nobody has named is not synced.
        if (!to.includes("/")) ledger.contest(text);
        await machine.write(to, text);
        return machine.remove(happening.path);
      }
      case "mode":
        if ((await machine.read(happening.path)) === undefined) return;
        return chmod(
          fileOf(player, happening.path),
          (await modeOf(player, happening.path)) ^ 0o111,
        );
      case "setting": {
        const word = ledger.invent();
        // What a machine keeps for itself is nobody else's.
        if (player.localKeys.includes(happening.key)) ledger.contest(word);
        await setKey(player, "settings.json", "always", "there");
        return setKey(player, "settings.json", happening.key, word);
      }
      default:
        return;
    }
  }

  /** Whether a file is taken away that this machine does not sync, and that the storage has. */
  async function isOwnAffair(
    { machine, hasNotedExclusion }: Player,
    path: string,
  ): Promise<boolean> {
    if (!hasNotedExclusion || path !== excluded) return false;
    const { remote } = await survey(await machine.context(), signal);
    const text = (await machine.read(path)) ?? "";
    return remote.files.get(path)?.sha256 === hashContent(Buffer.from(text));
  }

  function fileOf({ machine }: Player, path: string): string {
    return `${machine.agentDir}/${path}`;
  }

  async function modeOf(player: Player, path: string): Promise<number> {
    const stats = await stat(fileOf(player, path)).catch(() => undefined);
    return (stats?.mode ?? 0o644) & 0o777;
  }

  async function setKey(player: Player, path: string, key: string, value: string): Promise<void> {
    const before = JSON.parse((await player.machine.read(path)) ?? "{}") as Record<string, string>;
    ledger.discard(before[key]);
    await player.machine.write(path, JSON.stringify({ ...before, [key]: value }, null, 2));
  }

  /** The disk of a machine is lost, with what was never sent. */
  async function wipe(player: Player): Promise<void> {
    const { local, remote, base } = await survey(await player.machine.context(), signal);
    for (const [path, { sha256 }] of local.files) {
      const isSent = [remote.files, base].some((files) => files?.get(path)?.sha256 === sha256);
      if (!isSent) ledger.discard(await player.machine.read(path));
    }
    for (const key of player.localKeys) ledger.discard(await readKey(player, key));
    await rm(player.machine.agentDir, { recursive: true });
    await mkdir(player.machine.agentDir);
    player.isWiped = true;
  }

  async function readKey({ machine }: Player, key: string): Promise<string> {
    const text = (await machine.read("settings.json")) ?? "{}";
    return String((JSON.parse(text) as Record<string, unknown>)[key]);
  }

  async function exclude(player: Player, isExcluding: boolean): Promise<void> {
    player.isExcluding = isExcluding;
    player.hasNotedExclusion = false;
    await player.machine.configure({ exclude: isExcluding ? [excluded] : [] });
  }

  /** Runs an operation of a machine whose process may end in it. */
  async function sync(player: Player, operation: Operation, isForced = false): Promise<void> {
    await run(player, operation, (context) => prepare(context, operation, { isForced, signal }));
  }

  type Context = Awaited<ReturnType<SettingsMachine["context"]>>;

  async function run(
    player: Player,
    kind: Operation | "rollback",
    plan: (context: Context) => ReturnType<Planner>,
  ): Promise<void> {
    try {
      const context = await player.machine.context();
      const review = async (asked: Review): Promise<boolean> => {
        const deletes = asked.proposal.questions.some((question) => question.kind === "deletions");
        if (player.isWiped && deletes) return false;
        await ledger.contestReview(context, asked);
        return true;
      };
      const outcome = await runOperation(context, { kind }, () => plan(context), {
        review,
        signal,
      });
      if (outcome.kind === "done") player.isWiped = false;
      player.hasNotedExclusion ||= player.isExcluding && outcome.kind === "done";
    } catch (error) {
      const isFailure = error instanceof AppError && player.fault !== undefined;
      if (!player.isDead && !isFailure && !isCrashOrLock(error)) throw error;
    }
  }

  async function crashAfter(player: Player, operation: Operation, steps: number): Promise<void> {
    let left = steps;
    player.machine.onStep = () => {
      player.isDead ||= left-- === 0;
      if (player.isDead) throw new Crash("The process ended in the middle of apply.");
    };
    await sync(player, operation);
    player.isDead = false;
    delete player.machine.onStep;
  }

  async function writeMeanwhile(
    player: Player,
    { operation, afterFiles }: Extract<Happening, { kind: "meanwhile" }>,
  ): Promise<void> {
    let left = afterFiles;
    // After its new content was written beside it, and before the last look at it.
    player.machine.onStep = (step) => {
      const [, folder, name] = /^fill (.*)\/\.([^/]+)\.pi-opensync-\w+\.tmp$/.exec(step) ?? [];
      const file = `${folder}/${name}`;
      if (name === undefined || name.endsWith(".json") || !existsSync(file)) return;
      if (left-- === 0) appendFileSync(file, `${ledger.invent()}\n`);
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

  async function rollBack(player: Player, back: number): Promise<void> {
    const { remote } = await survey(await player.machine.context(), signal);
    const number = (remote.head?.number ?? 0) - back;
    if (number < 1) return;
    await run(player, "rollback", async (context) => {
      const attempt = await prepareRollback(context, number, signal);
      const items = attempt.proposal.actions.map(({ item }) => item);
      await ledger.contestVersions(context, items);
      return attempt;
    });
  }

  async function resolve(player: Player, side: Side): Promise<void> {
    const context = await player.machine.context();
    for (const conflict of await findConflicts(context, signal)) {
      await ledger.contestVersions(context, [conflict]);
      await resolveConflict(context, conflict, side, signal);
    }
  }

  async function readAll({ machine }: Player): Promise<Record<string, string>> {
    const { local } = await survey(await machine.context(), signal);
    return Object.fromEntries(
      [...local.files].map(([path, file]) => [path, `${file.sha256} ${file.isExecutable}`]),
    );
  }

  return {
    async begin(paths) {
      const [first] = players;
      for (const path of paths) await edit(first!, { kind: "add", who: 0, path, atEnd: true });
      await setKey(first!, "settings.json", "always", "there");
      for (const player of players) await sync(player, "automatic");
    },
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
          const both = [player, playerOf(happening.other)];
          await Promise.all(both.map((one) => sync(one, happening.operation)));
          return;
        }
        case "meanwhile":
          return writeMeanwhile(player, happening);
        case "wipe":
          return wipe(player);
        case "exclude":
          return exclude(player, !player.isExcluding);
        case "rollback":
          return rollBack(player, happening.back);
        case "resolve":
          return resolve(player, happening.side);
        default:
          return edit(player, happening);
      }
    },
    async settle() {
      for (const player of players) await exclude(player, false);
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
      const homes = players.map(({ machine }) => readTree(machine.env["HOME"]!));
      expect(ledger.findLost([readStorage(objects), ...(await Promise.all(homes))])).toEqual([]);
    },
    async expectNothingReverted() {
      const [first] = players;
      expect(ledger.findReverted(await readTree(first!.machine.agentDir))).toEqual([]);
    },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

function isCrashOrLock(error: unknown): boolean {
  return error instanceof Crash || error instanceof LockedError;
}
