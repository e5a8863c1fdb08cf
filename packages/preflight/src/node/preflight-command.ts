import { exitCodeOf, renderAlarms, renderReport, type PreflightRequest, type Provider } from "../index.ts";
import type { Consents } from "@trust/dialog-engine";
import { dataFolder } from "./data-folder.ts";
import { runPreflight } from "./execute.ts";
import { paintFor, printJson, type Io } from "./io.ts";
import { createProgressLines } from "./progress-lines.ts";

/** `workspace-trust preflight`, parsed. */
export type PreflightFlags = {
  readonly provider: readonly Provider[];
  readonly jobs?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly consent: Consents;
  readonly refuseGrants?: boolean;
  readonly persist?: boolean;
  readonly cli: { readonly [P in Provider]?: string };
  readonly record?: string;
  readonly data?: string;
  readonly json?: boolean;
};

/** Prepares the folders, prints the report, and returns the exit code. */
export const preflightCommand = async (
  folders: readonly string[],
  flags: PreflightFlags,
  io: Io,
): Promise<number> => {
  const lines = io.stderr.isTTY ? createProgressLines(io.stderr) : null;
  const report = await runPreflight(requestFrom(folders, flags, io), {
    signal: io.signal,
    ...(lines === null ? {} : { onProgress: lines.show }),
  });
  lines?.clear();
  if (flags.json) printJson(io, report);
  else io.stdout.write(renderReport(report, paintFor(io)));
  io.stderr.write(renderAlarms(report));
  return exitCodeOf(report);
};

/** What a preflight is asked for, from the flags and the process it runs in. */
export const requestFrom = (
  folders: readonly string[],
  { provider, jobs, timeout, consent, refuseGrants, persist, cli, record, data }: PreflightFlags,
  { env, cwd }: Io,
): PreflightRequest => ({
  folders,
  cwd,
  env,
  dataDir: dataFolder(env, data),
  ...(provider.length === 0 ? {} : { providers: provider }),
  cli,
  consents: consent,
  ...(jobs === undefined ? {} : { jobs }),
  ...(timeout === undefined ? {} : { timeoutMs: timeout }),
  ...(refuseGrants === undefined ? {} : { refuseGrants }),
  ...(persist === undefined ? {} : { persist }),
  ...(record === undefined ? {} : { recordDir: record }),
});
