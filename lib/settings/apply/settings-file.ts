import { AppError } from "../../errors.ts";
import { withFileLock } from "../../platform/file-lock.ts";
import { piSettingsPath, readSettingsText } from "../../pi/settings.ts";

import { isNotFound } from "../../platform/files.ts";
import { hashContent } from "../hash.ts";
import { applyShared, shareSettings } from "../shared-settings.ts";
import type { Disk } from "./disk.ts";
import { stagedPath } from "./journal.ts";
import type { Step } from "./journal.ts";
import type { ApplyPlace } from "./place.ts";

/**
 * Gives `settings.json` a new shared part, under pi's own lock; the keys of this machine stay as they
 * are at that moment. Returns why it was left as it is, if it was.
 */
export async function writeSettings(
  { agentDir, localKeys, clock }: ApplyPlace,
  disk: Disk,
  step: Step,
): Promise<string | undefined> {
  const path = piSettingsPath(agentDir);
  const staged = stagedPath(agentDir, step);
  await disk.remove(staged);
  try {
    return await withFileLock(path, clock, async (lock) => {
      const text = await readSettingsText(path);
      const current = shareSettings(text, localKeys);
      const sha256 = current && hashContent(current);
      if (sha256 === step.after?.sha256) return undefined;
      if (sha256 !== step.before?.sha256) return "changed meanwhile";
      const shared = step.shared === undefined ? undefined : Buffer.from(step.shared, "base64");
      await disk.create(staged, applyShared(text, shared, localKeys), step.mode);
      await disk.setMode(staged, step.mode);
      await lock.confirm();
      await disk.rename(staged, path);
      return undefined;
    });
  } catch (error) {
    await disk.remove(staged);
    // pi holds the lock, or the file can't be parsed any more.
    if (error instanceof AppError) return error.message;
    if (isNotFound(error)) return "pi's agent directory is gone";
    throw error;
  }
}
