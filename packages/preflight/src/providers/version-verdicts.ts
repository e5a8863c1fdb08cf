import { versionAtLeast } from "@trust/claude-state-probe";
import type { FoundCli } from "../plan.ts";
import type { Provider } from "../request.ts";
import type { Verdict } from "../verdict.ts";
import { agentClis } from "./agent-clis.ts";

/** True if this version is within the tested range. */
export const isProven = (provider: Provider, version: string): boolean => {
  const { from, to } = agentClis[provider].proven;
  return versionAtLeast(version, from) && versionAtLeast(to, version);
};

/**
 * The verdict if nothing shows that this program behaves like the tested ones; null if it is one of them. Only if this
 * is null may a result say that the CLI does not ask.
 */
export const unprovenVerdict = (provider: Provider, cli: FoundCli | null): Verdict | null => {
  const why = whyUnproven(provider, cli);
  return why === null ? null : { code: "version-not-proven", why };
};

const whyUnproven = (provider: Provider, cli: FoundCli | null): string | null => {
  const { title, file, npmPackage, formerPackage, proven } = agentClis[provider];
  const tried =
    proven.from === proven.to ? `${proven.from} was tried` : `${proven.from} to ${proven.to} were tried`;
  if (cli === null) return `No "${file}" was found, so its version is not known; ${tried}.`;
  if (cli.isFormerPackage) return `${cli.path} is from ${formerPackage}, which has moved to ${npmPackage}.`;
  if (cli.version === null) return `The version of ${cli.path} is not known; ${tried}.`;
  return isProven(provider, cli.version) ? null : `${title} ${cli.version} was not tried; ${tried}.`;
};

/** The verdict if a CLI is known to be too old to be prepared; else null. */
export const tooOldVerdict = (provider: Provider, version: string | null): Verdict | null => {
  const { oldest } = agentClis[provider];
  if (version === null || oldest === null || versionAtLeast(version, oldest.version)) return null;
  return { code: "cli-too-old", version };
};
