import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";
import { type SpoolEntry, spoolEntries } from "@nc/session-db/node";
import { sessionsFolder } from "./held/session-folder.ts";

/** What agents have done, and their host does not have yet. */
export type SpooledWork = {
  readonly count: number;
  /** When the oldest was done, ISO 8601. */
  readonly oldest: string | null;
  /** The sessions that it is of. */
  readonly sessions: readonly string[];
};

/**
 * What lies in the spools of agents of the host's own account: they and the next agents of their sessions hand it over.
 * Those of other accounts are their agents' alone.
 */
export const spooledWork = async (dataDir: string): Promise<SpooledWork> => {
  const sessions: string[] = [];
  const times: number[] = [];
  const root = sessionsFolder({ dataDir });
  for (const group of await namesIn(root))
    for (const session of await namesIn(join(root, group))) {
      const there = await entriesIn(join(root, group, session, "out"));
      if (there.length > 0) sessions.push(session);
      times.push(...there.map(({ at }) => at));
    }
  const oldest = times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
  return { count: times.length, oldest, sessions };
};

const entriesIn = async (out: string): Promise<readonly SpoolEntry[]> => {
  const spools = (await namesIn(out)).filter((name) => name.startsWith("spool-"));
  return (await Promise.all(spools.map((name) => spoolEntries(join(out, name))))).flat();
};

/** None where there is no such folder, or it is not ours to read. */
const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    systemCode(error);
    return [];
  }
};
