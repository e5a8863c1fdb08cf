import { Readable } from "node:stream";
import { hostDatabase } from "@gatehouse/central-database/testing";
import { expect } from "vitest";
import { runCli } from "./cli.ts";

/** The output of a command, and its exit code. */
export type RanCli = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs `gatehouse` in this process, on a data folder and the database of the test run. */
export const ranCli = async (
  {
    dataDir,
    home = dataDir,
    cwd = "/",
    columns,
    signal = new AbortController().signal,
    env = {},
    input = "",
  }: {
    readonly dataDir: string;
    readonly home?: string;
    readonly cwd?: string;
    /** Stdout is a terminal of this width. */
    readonly columns?: number;
    readonly signal?: AbortSignal;
    /** Further variables. */
    readonly env?: Readonly<Record<string, string>>;
    /** All of stdin. */
    readonly input?: string;
  },
  ...argv: readonly string[]
): Promise<RanCli> => {
  let [stdout, stderr] = ["", ""];
  const io = {
    env: { HOME: home, GATEHOUSE_DATA: dataDir, GATEHOUSE_DATABASE: hostDatabase()?.url, ...env },
    cwd,
    stdout: {
      write: (text: string) => (stdout += text),
      ...(columns === undefined ? {} : { isTTY: true, columns }),
    },
    stderr: { write: (text: string) => (stderr += text) },
    stdin: Readable.from([input]),
    signal,
  };
  const code = await runCli(argv, "1.2.3", io);
  return { code, stdout, stderr };
};

/** Runs a command that must succeed and print nothing on stderr. Returns its stdout. */
export const printedBy = async (dataDir: string, ...argv: readonly string[]): Promise<string> => {
  const { stdout, ...ended } = await ranCli({ dataDir }, ...argv);
  expect(ended).toEqual({ code: 0, stderr: "" });
  return stdout;
};
