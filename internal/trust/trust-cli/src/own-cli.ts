import { existsSync } from "node:fs";
import { join, sep } from "node:path";
import process from "node:process";
import { agentClis, type AgentCli, type Provider } from "@trust/preflight";
import { ownerAt, unsafeFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import type { CliPaths } from "./option-parsers.ts";

/**
 * The folder of a data folder's own copy of a CLI. Each version has its own folder, so no version replaces
 * another.
 */
export const ownCliFolder = (
  dataDir: string,
  { file, npmVersion }: Pick<AgentCli, "file" | "npmVersion">,
): string => join(dataDir, "cli", `${file}-${npmVersion}`);

/** The executable of a data folder's own copy of a CLI, if there is one. */
export const ownCliFile = (dataDir: string, cli: Pick<AgentCli, "file" | "npmVersion">): string =>
  join(ownCliFolder(dataDir, cli), "node_modules", ".bin", cli.file);

/**
 * The executables to start: the named ones, else our own copies in the first of these folders that has one (`cliHomes`). A
 * provider without either is missing here; its CLI is then searched on PATH. No program is taken from a folder to which
 * other accounts can write, and root takes none from another account's.
 */
export const namedOrOwnClis = async (
  named: CliPaths,
  folders: readonly string[],
  providers: readonly Provider[],
): Promise<CliPaths> => {
  let clis = named;
  for (const folder of folders) {
    const own = providers
      .filter((provider) => clis[provider] === undefined)
      .map((provider) => [provider, ownCliFile(folder, agentClis[provider])] as const)
      .filter(([, path]) => existsSync(path));
    if (own.length > 0 && (await isOwn(folder))) clis = { ...Object.fromEntries(own), ...clis };
  }
  return clis;
};

/**
 * Variables for the environment of an agent whose CLI we fetched into one of these folders; none for any other CLI. A
 * pinned copy never updates itself: Claude Code 2.1.328 would run `npm install --global` in the background
 * (`DISABLE_AUTOUPDATER`), and `claude update` would replace the system's copy (`DISABLE_UPDATES`).
 */
export const ownCliEnvironment = (
  path: string,
  folders: readonly string[],
): Readonly<Record<string, string>> =>
  folders.some((folder) => path.startsWith(`${join(folder, "cli")}${sep}`))
    ? { DISABLE_AUTOUPDATER: "1", DISABLE_UPDATES: "1" }
    : {};

const isOwn = async (dataDir: string): Promise<boolean> => {
  const asked = process.geteuid?.();
  try {
    return (
      asked === undefined ||
      ((await ownerAt(dataDir)).uid === asked && (await unsafeFolder(dataDir)) === null)
    );
  } catch (error) {
    systemCode(error);
    return false;
  }
};
