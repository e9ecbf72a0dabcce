import { AppError } from "../../errors.ts";
import type { FileState } from "../file-state.ts";
import { isSameState } from "../file-state.ts";
import { readLocalFile, settingsFile } from "../read-local.ts";
import type { ApplyPlace } from "./place.ts";

/** Whether two states of a file are the same, as far as they can differ here. */
export function isSame(
  { hasModes }: Pick<ApplyPlace, "hasModes">,
  path: string,
  a: FileState | undefined,
  b: FileState | undefined,
): boolean {
  return hasModes && path !== settingsFile ? isSameState(a, b) : a?.sha256 === b?.sha256;
}

/** A file's state now, undefined where it is not there; or why it can't be told. */
export async function readState(
  { agentDir, localKeys }: ApplyPlace,
  path: string,
): Promise<FileState | string | undefined> {
  try {
    return (await readLocalFile(agentDir, path, localKeys))?.state;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}
