import { spawnSync } from "node:child_process";
import type { Figure } from "../measurement.ts";

type Finished = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/**
 * Runs one Node process from start to end. The work counts as done if the process exits with 0, and `isDone`
 * is true if given.
 */
export const timeProcess = (
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  isDone: (stdout: string) => boolean = () => true,
): Figure => {
  const startedAt = performance.now();
  const { status, stdout, stderr }: Finished = spawnSync(process.execPath, args, { encoding: "utf8", env });
  const value = performance.now() - startedAt;
  if (status !== 0) return { ok: false, error: stderr };
  return isDone(stdout) ? { ok: true, value } : { ok: false, error: `unexpected output: ${stdout}` };
};
