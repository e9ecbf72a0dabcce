import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import type { Action } from "../../lib/settings/actions.ts";
import type { SettingsContext } from "../../lib/settings/context.ts";
import type { Review } from "../../lib/settings/run.ts";

/** What the words are, that a person has written on machines. */
export interface SettingsLedger {
  /** A word that nobody has written yet. */
  invent(): string;
  /** What a person took away: it need not be anywhere. */
  discard(text: string | undefined): void;
  /** What a person has decided about: it need not be in use any more, but has to be somewhere. */
  contest(text: string | undefined): void;
  /** The same for the versions of files that an operation decides about, after a question to a person. */
  contestReview(context: SettingsContext, review: Review): Promise<void>;
  contestVersions(context: SettingsContext, items: readonly Action["item"][]): Promise<void>;
  /** Words that are nowhere among these texts, and should be. */
  findLost(texts: readonly string[]): string[];
  /** Words that nobody took away or decided about, and that are not in use. */
  findReverted(text: string): string[];
}

const { signal } = new AbortController();

/** Makes a ledger in which nothing is written. */
export function openLedger(): SettingsLedger {
  const [written, discarded, contested] = [1, 2, 3].map(() => new Set<string>());
  const add = (set: Set<string> | undefined, text = ""): void => {
    for (const token of findTokens(text)) set?.add(token);
  };
  const missing = (text: string): string[] => {
    const found = new Set(findTokens(text));
    return [...written!].filter((token) => !found.has(token) && !discarded!.has(token));
  };
  const ledger: SettingsLedger = {
    invent() {
      const token = `word${written!.size}word`;
      written!.add(token);
      return token;
    },
    discard: (text) => add(discarded, text),
    contest: (text) => add(contested, text),
    async contestReview(context, { seen, proposal }) {
      const isAsked = proposal.questions.length > 0;
      const decided = isAsked || seen.plan.needsChoice ? proposal.actions : [];
      await ledger.contestVersions(
        context,
        decided.map(({ item }) => item),
      );
    },
    async contestVersions(context, items) {
      for (const { path, base, remote } of items) {
        const file = join(context.agentDir, path);
        if (existsSync(file)) add(contested, await readFile(file, "utf8"));
        const versions = [base, remote].filter((version) => version !== undefined);
        const contents = await context.log.readContents(versions, signal);
        for (const content of contents.values()) add(contested, Buffer.from(content).toString());
      }
    },
    findLost: (texts) => missing(texts.join("\n")),
    findReverted: (text) => missing(text).filter((token) => !contested!.has(token)),
  };
  return ledger;
}

function findTokens(text: string): string[] {
  return text.match(/word\d+word/g) ?? [];
}

/** The text of all snapshots. */
export function readStorage(objects: ReadonlyMap<string, Uint8Array>): string {
  const snapshots = [...objects].filter(([key]) => key.endsWith(".json.gz"));
  return snapshots.map(([, bytes]) => gunzipSync(bytes).toString()).join("\n");
}

/** The text of all files in a folder. */
export async function readTree(folder: string): Promise<string> {
  if (!existsSync(folder)) return "";
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8")),
  );
  return texts.join("\n");
}
