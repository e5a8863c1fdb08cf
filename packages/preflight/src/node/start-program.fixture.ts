import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { expect, inject, vi } from "vitest";
import type { ViaChoice } from "../index.ts";
import type { Bed } from "@gatehouse/test-kit";

/** The file of the program. */
export const program: string = inject("programs")["workspace-trust"];

export type Run = {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stdout: string }>;
};

export type Start = { readonly via?: ViaChoice; readonly dataDir?: string };

/** Starts the real program in a separate process, with `--json`. */
export const startProgram = (
  bed: Bed,
  args: readonly string[],
  { via = "dialog", dataDir = bed.dataDir }: Start = {},
): Run => {
  const { env } = bed.request([]);
  const child = spawn(process.execPath, [program, ...args, "--via", via, "--data", dataDir, "--json"], {
    env: { ...env, TMPDIR: join(bed.root, "tmp") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const ended = new Promise<{ code: number | null; stdout: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout })),
  );
  return { child, ended };
};

/** Checks every 10 ms, for at most 20 s. */
export const until = (holds: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(holds()).toBe(true), { interval: 10 });

/** Kills the program with SIGKILL as soon as this holds, and waits until none of its processes runs. */
export const killedWhen = async (bed: Bed, { child, ended }: Run, holds: () => boolean): Promise<void> => {
  await until(holds);
  child.kill("SIGKILL");
  await ended;
  await until(() => !bed.leftovers().some((left) => left.startsWith("process")));
};
