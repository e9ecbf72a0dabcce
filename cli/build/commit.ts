import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** The commit of these sources, with "-dirty" when files differ from it; "unknown" outside git. */
export function readCommit(): string {
  try {
    const git = Bun.spawnSync(
      ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
      {
        cwd: root,
        // A copy of the sources inside some other repository must not take that one's commit.
        env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(root) },
      },
    );
    return git.success ? git.stdout.toString().trim() : "unknown";
  } catch {
    return "unknown";
  }
}
