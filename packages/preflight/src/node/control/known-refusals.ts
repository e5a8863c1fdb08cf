import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";
import { openOwnFile } from "@gatehouse/fs-kit";
import type { FoundCli } from "../../index.ts";

/**
 * Identifies a program file, to notice when another one replaces it. Includes the version: a version manager's shim is
 * the same file for all versions.
 */
type ProgramFile = {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly version: string | null;
};

/** CLIs that reported no support for the control protocol. */
export type KnownRefusals = {
  has(): Promise<boolean>;
  add(): Promise<void>;
};

/**
 * The refusals of one CLI, kept in the data folder: without them every run of our programs starts the CLI to find out
 * (0.3 - 0.6 s). If the file cannot be read or written, that start is repeated. If an entry is wrong, the dialog is
 * used. So neither case is an error.
 */
export const knownRefusals = (dataDir: string, cli: FoundCli): KnownRefusals => {
  const file = join(dataDir, "control-refusals.jsonl");
  return {
    has: async () => {
      const [program, lines] = await Promise.all([programFile(cli), linesOf(file)]);
      return program !== null && lines.includes(JSON.stringify(program));
    },
    add: async () => {
      const program = await programFile(cli);
      if (program !== null) await append(file, `${JSON.stringify(program)}\n`);
    },
  };
};

const programFile = async ({ path, version }: FoundCli): Promise<ProgramFile | null> => {
  try {
    const real = await realpath(path);
    const { size, mtimeMs } = await stat(real);
    return { path: real, size, mtimeMs, version };
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const linesOf = async (file: string): Promise<readonly string[]> => {
  const opened = await openOwnFile(file, "read");
  if (!opened.ok) return [];
  try {
    return (await opened.value.readFile("utf8")).split("\n");
  } catch (error) {
    systemCode(error);
    return [];
  } finally {
    await opened.value.close();
  }
};

const append = async (file: string, line: string): Promise<void> => {
  const opened = await openOwnFile(file, "append");
  if (!opened.ok) return;
  try {
    await opened.value.appendFile(line);
  } catch (error) {
    systemCode(error);
  } finally {
    await opened.value.close();
  }
};
