import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

/** The exit code of a program, and the time from its `begin` to its end, ms. */
export type KilledProgram = { readonly code: number | null; readonly ms: number };

/**
 * Runs a program that prints `begin` before the part under test. Kills it with SIGKILL this many
 * milliseconds later (null: lets it finish).
 */
export const runKilled = async (
  program: string,
  args: readonly string[],
  afterMs: number | null,
): Promise<KilledProgram> => {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), exit]);
  const began = performance.now();
  if (afterMs !== null) setTimeout(() => child.kill("SIGKILL"), afterMs);
  const [code] = (await exit) as [number | null];
  return { code, ms: performance.now() - began };
};
