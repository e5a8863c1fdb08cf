import { versionAtLeast } from "@trust/claude-state-probe";
import { agentClis, type Environment, type Provider } from "@trust/preflight";
import { findCli, packagedVersion, spokenVersion } from "@trust/preflight/node";
import { floors } from "./floors.ts";
import { fetchedClis } from "./own-clis.ts";

/** A CLI of a provider on this machine. */
export type AgentCliFound = {
  readonly provider: Provider;
  readonly path: string;
  /** Null if it does not say. */
  readonly version: string | null;
  /** It is older than the provider needs, or does not say its version. */
  readonly isTooOld: boolean;
  /** `fetched`: it is in the data folder. */
  readonly place: "path" | "fetched";
};

/** The CLIs of a provider: the first on PATH, then those in the data folder, the newest first. */
export const findClis = async (
  provider: Provider,
  { dataDir, env }: { readonly dataDir: string; readonly env: Environment },
): Promise<readonly AgentCliFound[]> => {
  const onPath = await findCli(provider, { env });
  const paths = [
    ...(onPath.ok ? [{ path: onPath.value, place: "path" as const }] : []),
    ...(await fetchedClis(dataDir, provider)).map((path) => ({ path, place: "fetched" as const })),
  ];
  const found = await Promise.all(
    paths.map(async ({ path, place }): Promise<AgentCliFound | null> => {
      const there = place === "path" || (await findCli(provider, { env, explicit: path })).ok;
      return there ? { provider, path, place, ...(await versionOf(path, provider, env)) } : null;
    }),
  );
  return found
    .filter((each) => each !== null)
    .toSorted((a, b) => (a.place === "path" ? -1 : b.place === "path" ? 1 : newestFirst(a, b)));
};

const newestFirst = (a: AgentCliFound, b: AgentCliFound): number =>
  versionAtLeast(a.version ?? "0.0.0", b.version ?? "0.0.0") ? -1 : 1;

const versionOf = async (path: string, provider: Provider, env: Environment) => {
  const version = (await packagedVersion(path, provider)) ?? (await spokenVersion(path, env));
  const floor = floors[provider];
  const isTooOld = floor !== undefined && (version === null || !versionAtLeast(version, floor));
  return { version, isTooOld };
};

/** `Claude Code 2.1.250 at /usr/bin/claude`, and the version that is needed if it is too old. */
export const describeCli = ({ provider, path, version, isTooOld }: AgentCliFound): string => {
  const named = `${agentClis[provider].title} ${version ?? "of an unknown version"} at ${path}`;
  return isTooOld ? `${named} is too old: ${floors[provider] ?? ""} or newer is needed` : named;
};
