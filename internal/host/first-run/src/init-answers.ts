import { runnableProviders } from "@gatehouse/provider-facts/agents";

/** The answers that `init` needs for the first group. */
export type InitAnswers = {
  readonly name: string;
  /** The folder's name under groups/, without a slash. */
  readonly folder: string;
  /** `<channel>:<handle>`. */
  readonly owner: string;
  readonly provider: string;
};

/** `--fetch claude@2.1.328`, parsed; without a version the suggested version. */
export type WantedCli = { readonly provider: string; readonly version: string | null };

/** Parses the value of `--fetch`; a text is the reason for a refusal. */
export const parseWantedCli = (text: string): WantedCli | string => {
  const [, provider = "", version = null] = /^([a-z]+)(?:@(\d+\.\d+\.\d+))?$/.exec(text) ?? [];
  return fetchable.includes(provider)
    ? { provider, version }
    : `Write ${fetchable.join(" or ")}, or with a version: ${fetchable[0] ?? ""}@2.1.328.`;
};

/** The providers whose CLI can be fetched. */
const fetchable: readonly string[] = Object.entries(runnableProviders).flatMap(
  ([name, { fetchedMegabytes }]) => (fetchedMegabytes === null ? [] : [name]),
);
