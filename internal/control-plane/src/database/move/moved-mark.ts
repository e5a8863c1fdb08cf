import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readPlainFile } from "@gatehouse/fs-kit";
import { attempt } from "@gatehouse/sqlite";
import { systemCode, type Result } from "@gatehouse/std";

/** Says beside a host's file that its rows are on a server now. */
export type MovedMark = {
  /** The address, without a password. */
  readonly to: string;
  /** ISO 8601, UTC. */
  readonly at: string;
};

/** The file is as it was, and is not to be worked on while this is beside it. */
export const markFile = (dataDir: string): string => join(dataDir, "gatehouse.db.moved");

/** Null if the file was not moved. A mark that cannot be read counts: somebody wrote it. */
export const readMark = async (dataDir: string): Promise<MovedMark | null> => {
  try {
    return markFrom(await readPlainFile(markFile(dataDir)));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    return unreadable;
  }
};

const unreadable: MovedMark = { to: "a server", at: "an unknown time" };

const markFrom = (text: string): MovedMark => {
  try {
    const { to, at } = JSON.parse(text) as Partial<Record<string, unknown>>;
    return typeof to === "string" && typeof at === "string" ? { to, at } : unreadable;
  } catch {
    return unreadable;
  }
};

/** Whole or not at all. The error is a code of the system. */
export const writeMark = (dataDir: string, mark: MovedMark): Promise<Result<void, string>> =>
  attempt(async () => {
    const file = markFile(dataDir);
    await writeFile(`${file}.new`, `${JSON.stringify(mark)}\n`, { mode: 0o600, flush: true });
    await rename(`${file}.new`, file);
  });
