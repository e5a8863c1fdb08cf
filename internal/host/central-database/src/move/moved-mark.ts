import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readPlainFile } from "@gatehouse/fs-kit";
import { attempt } from "@gatehouse/sqlite";
import { systemCode, type Result } from "@gatehouse/std";

/** The mark beside a SQLite file whose rows were moved to a server. */
export type MovedMark = {
  /** The address, without a password. */
  readonly to: string;
  /** ISO 8601, UTC. */
  readonly at: string;
};

/** The path of the mark. While it exists, no host may work on the file, which is itself unchanged. */
export const markFile = (dataDir: string): string => join(dataDir, "gatehouse.db.moved");

/** Reads the mark; null if the file was not moved. An unreadable mark counts as a mark. */
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

/** Writes the mark atomically. The error is a system error code. */
export const writeMark = (dataDir: string, mark: MovedMark): Promise<Result<void, string>> =>
  attempt(async () => {
    const file = markFile(dataDir);
    await writeFile(`${file}.new`, `${JSON.stringify(mark)}\n`, { mode: 0o600, flush: true });
    await rename(`${file}.new`, file);
  });
