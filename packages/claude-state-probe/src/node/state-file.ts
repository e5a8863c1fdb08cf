import { join } from "node:path";

/** What a program was started with; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where Claude Code keeps its state, `projects` among it: `$CLAUDE_CONFIG_DIR/.claude.json`, else in the home folder. */
export const stateFile = (env: Environment, home: string): string =>
  join(env["CLAUDE_CONFIG_DIR"] || home, ".claude.json");

/** The folder that stands beside the state file while a Claude Code process writes it. */
export const stateLock = (file: string): string => `${file}.lock`;
