import process from "node:process";
import { runToEnd } from "@gatehouse/npm-fetch";
import type { Result } from "@gatehouse/std";
import { z } from "zod";
import type { Box } from "../box/box.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { programFile } from "./programs.ts";

/** The part of the adapter's events that other programs depend on. */
export type AdapterEvent = {
  readonly v: 1;
  readonly event: string;
  readonly provider: string;
  readonly folder: string;
  readonly code?: string | undefined;
  readonly recording?: string | undefined;
};

const adapterEvent: z.ZodType<AdapterEvent> = z.object({
  v: z.literal(1),
  event: z.string(),
  provider: z.string(),
  folder: z.string(),
  code: z.string().optional(),
  recording: z.string().optional(),
});

export type AdapterRun = { readonly exitCode: number | null; readonly events: readonly AdapterEvent[] };

export type AdapterStart = {
  /** Relative to HOME. */
  readonly folder: string;
  readonly settings: unknown;
  readonly args: readonly string[];
  /** The folder of the recording. */
  readonly recordDir: string;
};

/**
 * Runs `orchestrator-adapter --json` in the box until it ends, and ends it with SIGTERM once its agent is
 * ready. The error is output that is not an event.
 */
export const runAdapter = async (
  box: Box,
  { provider, path }: InstalledCli,
  { folder, settings, args, recordDir }: AdapterStart,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Result<AdapterRun, string>> => {
  const ready = new AbortController();
  const flags = ["--provider", provider, "--cwd", box.path(folder), "--settings", JSON.stringify(settings)];
  const more = ["--cli", `${provider}=${path}`, "--record", recordDir, "--json", "--", ...args];
  let said = "";
  const { exitCode, stdout, stderr } = await runToEnd(
    process.execPath,
    [await programFile("orchestrator-adapter"), ...flags, ...more],
    {
      cwd: box.root,
      env,
      signal: AbortSignal.any([signal, ready.signal]),
      onStdout: (text) => {
        said += text;
        if (said.includes('"event":"ready"')) ready.abort();
      },
    },
  );
  const events = z.array(adapterEvent).safeParse(linesOf(stdout));
  return events.success
    ? { ok: true, value: { exitCode, events: events.data } }
    : { ok: false, error: `exit ${exitCode}, no events: ${stdout}${stderr}` };
};

const linesOf = (text: string): readonly unknown[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      try {
        return JSON.parse(line) as unknown;
      } catch {
        return line; // not an event, and reported as such
      }
    });
