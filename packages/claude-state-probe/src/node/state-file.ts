import { existsSync } from "node:fs";
import { join } from "node:path";

/** What a program was started with; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The file where Claude Code keeps its state, `projects` among it: `.claude.json` in `$CLAUDE_CONFIG_DIR`, else in the
 * home folder. Where a `.config.json` of the first releases is still there, Claude Code reads and writes that one
 * (2.1.328 does).
 */
export const stateFile = (env: Environment, home: string): string => {
  const configDir = env["CLAUDE_CONFIG_DIR"] || null;
  const firstReleases = join(configDir ?? join(home, ".claude"), ".config.json");
  return existsSync(firstReleases) ? firstReleases : join(configDir ?? home, ".claude.json");
};

/** The folder that stands beside the state file while a Claude Code process writes it. */
export const stateLock = (file: string): string => `${file}.lock`;
