import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { readPlainFile, replaceFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";
import { unmarkRestored } from "./restored-folder.ts";

/**
 * Tells copies of a data folder apart: machines and a shared database serve the one whose host took its place last. It is in
 * backups, so a copy has it until its own host takes the place.
 */
export type Succession = {
  /** The same in all copies. */
  readonly id: string;
  /** When this host took the place of another one, ISO 8601 in UTC; empty if it never did. Such times sort as texts. */
  readonly since: string;
};

/** The file of a data folder's succession. */
export const successionName = "succession.json";

/**
 * Reads the succession of a data folder, and begins one if there is none. A torn file counts as none, so that a host that does
 * not know its place is refused. Throws system errors.
 */
export const successionIn = async (dataDir: string): Promise<Succession> => {
  const kept = await keptIn(dataDir);
  if (kept !== null) return kept;
  const begun = { id: randomUUID(), since: "" };
  await keep(dataDir, begun);
  return begun;
};

/**
 * The host of this folder takes the place of all its copies: machines and a shared database refuse these from then on. A folder
 * that was restored may start then. `now`: ISO 8601, UTC. Throws system errors.
 */
export const takePlace = async (dataDir: string, now: string): Promise<void> => {
  const { id, since } = (await keptIn(dataDir)) ?? { id: randomUUID(), since: "" };
  // After a clock that was ahead.
  const next = since < now ? now : new Date(Date.parse(since) + 1).toISOString();
  await keep(dataDir, { id, since: next });
  await unmarkRestored(dataDir);
};

const times = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)?$/;

const fileIn = (dataDir: string): string => join(dataDir, successionName);

const keep = (dataDir: string, succession: Succession): Promise<void> =>
  replaceFile(fileIn(dataDir), `${JSON.stringify(succession)}\n`, 0o600);

const keptIn = async (dataDir: string): Promise<Succession | null> => {
  try {
    const value = parseJson(await readPlainFile(fileIn(dataDir))) as Partial<Succession> | null;
    const { id, since } = value ?? {};
    return typeof id === "string" && typeof since === "string" && times.test(since) ? { id, since } : null;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
};
