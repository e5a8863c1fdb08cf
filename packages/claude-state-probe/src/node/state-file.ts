import { existsSync } from "node:fs";
import { join } from "node:path";

/** The environment of a program, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The file where Claude Code keeps its state, including `projects`: `.claude.json` in `$CLAUDE_CONFIG_DIR`,
 * else in the home folder. If a `.config.json` of the first releases still exists, Claude Code reads and
 * writes that file instead (2.1.328 does).
 */
export const stateFile = (env: Environment, home: string): string => {
  const configDir = env["CLAUDE_CONFIG_DIR"] || null;
  const firstReleases = join(configDir ?? join(home, ".claude"), ".config.json");
  return existsSync(firstReleases) ? firstReleases : join(configDir ?? home, ".claude.json");
};
