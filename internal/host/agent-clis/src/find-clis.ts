import { realpath } from "node:fs/promises";
import { basename, isAbsolute } from "node:path";
import { runnableProvider } from "@gatehouse/provider-facts/agents";
import { versionAtLeast } from "@trust/claude-state-probe";
import { cliHomes } from "@gatehouse/fs-kit";
import { agentClis, type Environment, type Provider } from "@trust/preflight";
import { findCli, findProgram, packagedVersion, spokenVersion } from "@trust/preflight/node";
import { fetchedClis } from "./own-clis.ts";

/** A CLI of a provider on this machine. */
export type AgentCliFound = {
  readonly provider: Provider;
  readonly path: string;
  /** Null if the CLI prints no version. */
  readonly version: string | null;
  /** True if the CLI is older than the provider needs, or prints no version. */
  readonly isTooOld: boolean;
  /** `path`: on PATH. `fetched`: in the data folder. `account`: in the account's own data folder, `~/.gatehouse`. */
  readonly place: "path" | "fetched" | "account";
};

/** Finds the CLIs of a provider: the first on PATH, then those that we fetched, the newest first. */
export const findClis = async (
  provider: Provider,
  { dataDir, env }: { readonly dataDir: string; readonly env: Environment },
): Promise<readonly AgentCliFound[]> => {
  const onPath = await findCli(provider, { env });
  const paths: Pick<AgentCliFound, "path" | "place">[] = onPath.ok
    ? [{ path: onPath.value, place: "path" }]
    : [];
  for (const folder of cliHomes(env, dataDir)) {
    const place = folder === dataDir ? ("fetched" as const) : ("account" as const);
    paths.push(...(await fetchedClis(folder, provider)).map((path) => ({ path, place })));
  }
  const found = await Promise.all(
    paths.map(async ({ path, place }): Promise<AgentCliFound | null> => {
      const exists = place === "path" || (await findCli(provider, { env, explicit: path })).ok;
      return exists ? { provider, path, place, ...(await versionOf(path, provider, env)) } : null;
    }),
  );
  return found
    .filter((each) => each !== null)
    .toSorted((a, b) => (a.place === "path" ? -1 : b.place === "path" ? 1 : newestFirst(a, b)));
};

/** A provider's CLI on a PATH: its name there, and its real path. Null without one. */
export const cliOnPath = async (
  provider: string,
  path: string,
): Promise<{ readonly name: string; readonly path: string } | null> => {
  if (!isCliProvider(provider)) return null;
  const found = await findCli(provider, { env: { PATH: path } });
  return found.ok ? { name: agentClis[provider].file, path: await realpath(found.value) } : null;
};

/** A program on a PATH, or at its own path: its name, and its real path. Null without one that can be run. */
export const programOnPath = async (
  program: string,
  path: string,
): Promise<{ readonly name: string; readonly path: string } | null> => {
  const explicit = isAbsolute(program) ? { explicit: program } : {};
  const found = await findProgram(program, { env: { PATH: path }, ...explicit });
  return found.ok ? { name: basename(program), path: await realpath(found.value) } : null;
};

const isCliProvider = (provider: string): provider is Provider => Object.hasOwn(agentClis, provider);

const newestFirst = (a: AgentCliFound, b: AgentCliFound): number =>
  versionAtLeast(a.version ?? "0.0.0", b.version ?? "0.0.0") ? -1 : 1;

const versionOf = async (path: string, provider: Provider, env: Environment) => {
  const version = (await packagedVersion(path, provider)) ?? (await spokenVersion(path, env));
  const floor = runnableProvider(provider)?.oldest ?? null;
  const isTooOld = floor !== null && (version === null || !versionAtLeast(version, floor));
  return { version, isTooOld };
};

/** Names a CLI, as in `Claude Code 2.1.250 at /usr/bin/claude`, and the needed version if it is too old. */
export const describeCli = ({ provider, path, version, isTooOld }: AgentCliFound): string => {
  const named = `${agentClis[provider].title} ${version ?? "of an unknown version"} at ${path}`;
  return isTooOld
    ? `${named} is too old: ${runnableProvider(provider)?.oldest ?? ""} or newer is needed`
    : named;
};
