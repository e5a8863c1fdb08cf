import { providers, type PreflightReport, type Provider } from "@trust/preflight";
import { shortFlags } from "./short-flags.ts";

const cliFlag = (provider: Provider): string =>
  shortFlags.includes(provider) ? `--${provider} PATH` : `--cli ${provider}=PATH`;

/** The flags that set a request's fields. */
const flags: ReadonlyMap<string, string> = new Map(
  Object.entries({
    consents: "--consent",
    dataDir: "--data DIR",
    persist: "--persist",
    recordDir: "--record DIR",
    refuseGrants: "--refuse-grants",
    timeoutMs: "--timeout",
    via: "--via",
    ...Object.fromEntries(providers.map((provider) => [`cli.${provider}`, cliFlag(provider)])),
  }),
);

/** A text of the library for a user of a command: each request field, named in `this form`, becomes its flag. */
export const withFlags = (text: string): string =>
  text.replace(/`([\w.]+)`/g, (named, field: string) => flags.get(field) ?? named);

/** The same for the message and the fix of an outcome. */
export const outcomeWithFlags = <T extends { readonly message: string; readonly fix?: string }>(
  outcome: T,
): T => ({
  ...outcome,
  message: withFlags(outcome.message),
  ...(outcome.fix === undefined ? {} : { fix: withFlags(outcome.fix) }),
});

/** The same for each result of a report. */
export const reportWithFlags = (report: PreflightReport): PreflightReport => ({
  ...report,
  results: report.results.map(outcomeWithFlags),
});
