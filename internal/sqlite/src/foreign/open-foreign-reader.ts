import process from "node:process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ok, type Result } from "@gatehouse/std";
import { rowOf, type Answer } from "./cells.ts";
import type { ForeignRead, ForeignReader, ForeignReadError, ForeignReadRow } from "./foreign-reader.ts";
import { closed, readerPool } from "./reader-pool.ts";
import { checkRead } from "./statements.ts";
import { suspectsOf } from "./suspects.ts";

export type ForeignReaderOptions = {
  /** What a child runs: foreign-child.ts. Without it, the file that was built beside this one. */
  readonly program?: readonly [string, ...string[]];
  /** A read that takes longer is given up, ms. */
  readonly deadlineMs?: number;
};

type Rows = readonly (readonly ForeignReadRow[])[];
type Outcome = Result<Rows, ForeignReadError>;

/**
 * Reads foreign files in child processes: the first read starts them, `close` ends them. A file that ended a
 * child, or was too slow, is not read again until it changes or a pause is over; then it is read in a child
 * that serves nothing but such files.
 */
export const foreignReader = (options: ForeignReaderOptions = {}): ForeignReader => {
  const { program = builtProgram(), deadlineMs = 1_000 } = options;
  const trusted = readerPool({ program, deadlineMs, least: 2, most: 6 });
  const distrusted = readerPool({ program, deadlineMs, least: 0, most: 1 });
  const suspects = suspectsOf(() => performance.now());
  const inTurn = turns();
  let isClosed = false;

  const readNow = async (read: ForeignRead): Promise<Outcome> => {
    const verdict = await suspects.verdictOn(read.file);
    if (isClosed) return closed;
    if (typeof verdict !== "string") return verdict;
    const outcome = await (verdict === "suspect" ? distrusted : trusted).read(read);
    await suspects.learn(read.file, outcome.ok ? null : outcome.error);
    return outcome.ok ? ok(rowsOf(read, outcome.value)) : outcome;
  };

  return {
    read: async (read) => {
      checkRead(read);
      return isClosed ? closed : inTurn(read.file, () => readNow(read));
    },
    close: async () => {
      isClosed = true;
      await Promise.all([trusted.close(), distrusted.close()]);
    },
  };
};

const rowsOf = ({ tables }: ForeignRead, answer: Answer): Rows =>
  tables.map(({ columns }, index) => (answer[index] ?? []).map((cells) => rowOf(columns, cells)));

/** Runs one call after the other for each file. A call never throws. */
const turns = (): (<T>(file: string, run: () => Promise<T>) => Promise<T>) => {
  const last = new Map<string, Promise<unknown>>();
  return async (file, run) => {
    const mine = (last.get(file) ?? Promise.resolve()).then(run);
    last.set(file, mine);
    const value = await mine;
    if (last.get(file) === mine) last.delete(file);
    return value;
  };
};

/**
 * The child's program: beside the host's files, or beside the ones of a package's node layer. From the
 * sources it is run as this process is (`node --import tsx`).
 */
const builtProgram = (): readonly [string, ...string[]] => {
  const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  if (import.meta.url.endsWith(".ts")) return [process.execPath, ...process.execArgv, at("foreign-child.ts")];
  const beside = ["foreign-child.js", "node/foreign-child.js"].map(at);
  return [process.execPath, beside.find((file) => existsSync(file)) ?? at("foreign-child.js")];
};
