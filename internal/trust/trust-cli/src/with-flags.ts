import { providers, type Provider } from "@trust/preflight";
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

/**
 * A message of the library for a person at a terminal: replaces each request field, which the library names
 * in `this form`, with its flag.
 */
export const withFlags = (text: string): string =>
  text.replace(/`([\w.]+)`/g, (named, field: string) => flags.get(field) ?? named);
