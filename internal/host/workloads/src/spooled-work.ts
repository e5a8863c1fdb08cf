import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";
import { type SpoolEntry, spoolEntries } from "@gatehouse/wire/runner";
import { sessionsFolder } from "./session-folder.ts";

/** The finished work of agents that their host has not received yet. */
export type SpooledWork = {
  readonly count: number;
  /** The time of the oldest work, ISO 8601. */
  readonly oldest: string | null;
  /** The sessions that have such work. */
  readonly sessions: readonly string[];
};

/**
 * Reads the spools of agents of the host's account. These agents, or the next ones of their sessions, send the work. The
 * host cannot read the spools of other accounts.
 */
export const spooledWork = async (dataDir: string): Promise<SpooledWork> => {
  const sessions: string[] = [];
  const times: number[] = [];
  const root = sessionsFolder({ dataDir });
  for (const group of await namesIn(root))
    for (const session of await namesIn(join(root, group))) {
      const entries = await entriesIn(join(root, group, session, "out"));
      if (entries.length > 0) sessions.push(session);
      times.push(...entries.map(({ at }) => at));
    }
  const oldest = times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
  return { count: times.length, oldest, sessions };
};

const entriesIn = async (out: string): Promise<readonly SpoolEntry[]> => {
  const spools = (await namesIn(out)).filter((name) => name.startsWith("spool-"));
  return (await Promise.all(spools.map((name) => spoolEntries(join(out, name))))).flat();
};

/** Returns the names in a folder; none if it does not exist or cannot be read. */
const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    systemCode(error);
    return [];
  }
};
