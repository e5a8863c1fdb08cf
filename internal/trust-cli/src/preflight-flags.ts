import type { Consents } from "@trust/dialog-engine";
import type { PreflightRequest, Provider, ViaChoice } from "@trust/preflight";
import { dataFolder } from "@gatehouse/fs-kit";
import type { Io } from "@gatehouse/cli-kit";

/** The options of a preflight, parsed. */
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

/** The preflight request from the flags and the process's environment. */
export const requestFrom = (
  folders: readonly string[],
  { provider, jobs, timeout, consent, refuseGrants, via, persist, cli, record, data }: PreflightFlags,
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
  ...(via === undefined ? {} : { via }),
  ...(persist === undefined ? {} : { persist }),
  ...(record === undefined ? {} : { recordDir: record }),
});
