import { hostDatabase } from "@gatehouse/central-database/testing";
import { expect } from "vitest";
import { runCli } from "./cli.ts";

/** What a command printed, and its exit code. */
export type RanCli = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs `gatehouse` in this process, with a data folder, on the database of the test run. */
export const ranCli = async (
  {
    dataDir,
    home = dataDir,
    cwd = "/",
  }: { readonly dataDir: string; readonly home?: string; readonly cwd?: string },
  ...argv: readonly string[]
): Promise<RanCli> => {
  let [stdout, stderr] = ["", ""];
  const io = {
    env: { HOME: home, GATEHOUSE_DATA: dataDir, GATEHOUSE_DATABASE: hostDatabase()?.url },
    cwd,
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const code = await runCli(argv, "1.2.3", io);
  return { code, stdout, stderr };
};

/** What a command that must succeed printed. On stderr it prints nothing. */
export const printedBy = async (dataDir: string, ...argv: readonly string[]): Promise<string> => {
  const { stdout, ...ended } = await ranCli({ dataDir }, ...argv);
  expect(ended).toEqual({ code: 0, stderr: "" });
  return stdout;
};
