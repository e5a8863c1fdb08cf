import { randomUUID } from "node:crypto";
import { chmod, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import { agentClis, type Provider } from "@trust/preflight";

/**
 * The folder with links to the CLIs that `gatehouse init` chose from the data folder. It comes first on the PATH of agents.
 */
export const chosenClisIn = (dataDir: string): string => join(dataDir, "cli", "bin");

/** The PATH of agents: the chosen CLIs, then the host's PATH. */
export const pathOfAgents = (dataDir: string, path: string): string =>
  [chosenClisIn(dataDir), path].join(delimiter);

/** The executables of a provider in `cli/NAME-VERSION` of a data folder. */
export const fetchedClis = async (dataDir: string, provider: Provider): Promise<readonly string[]> => {
  const { file } = agentClis[provider];
  const prefix = `${file}-`;
  const names = await namesIn(join(dataDir, "cli"));
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+\.\d+\.\d+$/.test(name.slice(prefix.length)))
    .map((name) => join(dataDir, "cli", name, "node_modules", ".bin", file));
};

/** The folder name of the chosen CLI, such as `claude-2.1.328`; null if agents use the CLI on PATH. */
export const chosenCli = async (dataDir: string, provider: Provider): Promise<string | null> => {
  try {
    const target = await readlink(join(chosenClisIn(dataDir), agentClis[provider].file));
    return target.split("/")[1] ?? null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/**
 * Makes agents use the copy of a CLI in `cli/NAME-VERSION`. Lets other accounts read the copy, because agents may run as
 * another account.
 */
export const chooseCli = async (dataDir: string, provider: Provider, version: string): Promise<void> => {
  const { file } = agentClis[provider];
  const folder = `${file}-${version}`;
  await chmod(join(dataDir, "cli", folder), 0o755);
  await linkCli(dataDir, provider, join("..", folder, "node_modules", ".bin", file));
};

/** Makes agents use this file as a provider's CLI. */
export const linkCli = async (dataDir: string, provider: Provider, target: string): Promise<void> => {
  await makeFolder(chosenClisIn(dataDir), 0o755);
  const link = join(chosenClisIn(dataDir), agentClis[provider].file);
  const unfinished = `${link}-${randomUUID()}`;
  await symlink(target, unfinished);
  await rename(unfinished, link).catch(async (error: unknown) => {
    await rm(unfinished, { force: true });
    throw error;
  });
};

const namesIn = (path: string): Promise<readonly string[]> =>
  readdir(path).catch((error: unknown) => (systemCode(error), []));
