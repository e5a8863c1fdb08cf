import process from "node:process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fail, ok, type Result } from "@gatehouse/std";
import { rowOf, type Answer } from "./cells.ts";
import type { ForeignRead, ForeignReader, ForeignReadError, ForeignReadRow } from "./foreign-reader.ts";
import { startReader, type ReaderProcess } from "./reader-process.ts";
import { checkRead } from "./statements.ts";

export type ForeignReaderOptions = {
  /** The program of the child: foreign-child.ts. Default: the file that was built beside this one. */
  readonly program?: readonly [string, ...string[]];
  /** A read that takes longer is given up, ms. */
  readonly deadlineMs?: number;
};

type Rows = readonly (readonly ForeignReadRow[])[];

const closed: Result<never, ForeignReadError> = fail({ code: "closed", detail: "the reader is closed" });

/**
 * Reads foreign files in a child process, one after the other. The first read starts the child, `close` ends it. A file
 * that ends the child, or is too slow, costs its own read: the next read starts another child.
 */
export const foreignReader = (options: ForeignReaderOptions = {}): ForeignReader => {
  const { program = builtProgram(), deadlineMs = 1_000 } = options;
  let child: ReaderProcess | null = null;
  let isClosed = false;
  let turn: Promise<unknown> = Promise.resolve();

  const end = async (): Promise<void> => {
    const ending = child;
    child = null;
    ending?.end();
    await ending?.ended;
  };
  const readNow = async (read: ForeignRead): Promise<Result<Rows, ForeignReadError>> => {
    if (isClosed) return closed;
    const reader = (child ??= startReader(program));
    const outcome: Result<Answer, ForeignReadError> = (await reader.ready)
      ? await reader.ask(read, deadlineMs)
      : fail({ code: "crashed", detail: `the reader could not be started: ${await reader.ended}` });
    if (outcome.ok) return ok(rowsOf(read, outcome.value));
    if (isClosed) return closed;
    if (["too-slow", "crashed"].includes(outcome.error.code)) await end();
    return outcome;
  };

  return {
    read: async (read) => {
      checkRead(read);
      const own = turn.then(() => readNow(read));
      turn = own;
      return own;
    },
    close: async () => {
      isClosed = true;
      await end();
      await turn;
    },
  };
};

const rowsOf = ({ tables }: ForeignRead, answer: Answer): Rows =>
  tables.map(({ columns }, index) => (answer[index] ?? []).map((cells) => rowOf(columns, cells)));

/**
 * The child's program: beside the host's files, or beside the files of a package's node layer. From the sources it is run
 * as this process is (`node --import tsx`).
 */
const builtProgram = (): readonly [string, ...string[]] => {
  const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  if (import.meta.url.endsWith(".ts")) return [process.execPath, ...process.execArgv, at("foreign-child.ts")];
  const beside = ["foreign-child.js", "node/foreign-child.js"].map(at);
  return [process.execPath, beside.find((file) => existsSync(file)) ?? at("foreign-child.js")];
};
