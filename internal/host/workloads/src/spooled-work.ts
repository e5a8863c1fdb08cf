import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { inFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import { type SpoolEntry, entriesNamed } from "@gatehouse/wire/runner";
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
  let count = 0;
  let oldest = Infinity;
  const root = sessionsFolder({ dataDir });
  for (const group of await namesIn(root))
    for (const session of await namesIn(join(root, group))) {
      const entries = await entriesIn(join(root, group, session));
      if (entries.length > 0) sessions.push(session);
      count += entries.length;
      for (const { at } of entries) oldest = Math.min(oldest, at);
    }
  return { count, oldest: count === 0 ? null : new Date(oldest).toISOString(), sessions };
};

/** The agent may have put a link at `out` or in it: no link is followed. */
const entriesIn = async (session: string): Promise<readonly SpoolEntry[]> => {
  const names = await heldNamesIn(session, "out");
  const found: SpoolEntry[] = [];
  for (const name of names.filter((one) => one.startsWith("spool-")))
    for (const entry of entriesNamed(await heldNamesIn(session, join("out", name)))) found.push(entry);
  return found;
};

const heldNamesIn = async (session: string, below: string): Promise<readonly string[]> => {
  try {
    return await inFolder(session, below, (folder) => namesIn(folder.at()));
  } catch (error) {
    systemCode(error);
    return [];
  }
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
