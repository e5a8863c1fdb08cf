import type { Consents } from "@trust/dialog-engine";
import type { PreflightRequest, Provider, ViaChoice } from "@trust/preflight";
import { cliHomes, dataFolder } from "@gatehouse/fs-kit";
import { defined } from "@gatehouse/std";
import type { Io } from "@gatehouse/cli-kit";
import { namedOrOwnClis } from "./own-cli.ts";

/** The parsed options of a preflight. */
export type PreflightFlags = {
  readonly provider: readonly Provider[];
  readonly jobs?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly consent: Consents;
  readonly refuseGrants?: boolean;
  readonly via?: ViaChoice;
  readonly persist?: boolean;
  readonly cli: { readonly [P in Provider]?: string };
  readonly record?: string;
  readonly data?: string;
  readonly json?: boolean;
};

/** The preflight request from the flags, the data folder's own CLIs and the process's environment. */
export const requestFrom = async (
  folders: readonly string[],
  { provider, jobs, timeout, consent, refuseGrants, via, persist, cli, record, data }: PreflightFlags,
  { env, cwd }: Io,
): Promise<PreflightRequest> => ({
  folders,
  cwd,
  env,
  dataDir: dataFolder(env, data),
  ...(provider.length === 0 ? {} : { providers: provider }),
  cli: await namedOrOwnClis(
    cli,
    cliHomes(env, dataFolder(env, data)),
    provider.length === 0 ? ["claude"] : provider,
  ),
  consents: consent,
  ...defined({ jobs, timeoutMs: timeout, refuseGrants, via, persist, recordDir: record }),
});
