import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A temporary HOME with a set-up profile, and new folders that are not trusted yet. */
export type ClaudeHome = {
  readonly root: string;
  readonly env: { readonly [name: string]: string };
  readonly folders: readonly string[];
  /** The arguments of preflight's protected command. */
  readonly args: readonly string[];
  readonly stateFile: string;
  /** True if the state on disk trusts the folder now. */
  readonly isTrusted: (folder: string) => boolean;
  /** True while the CLI writes its state: it creates a folder for that time. */
  readonly isLocked: () => boolean;
  readonly dispose: () => Promise<void>;
};

const profile = { hasCompletedOnboarding: true, theme: "dark" };

/** Parses the file only if it was replaced: the CLI replaces it by a rename, so it is always whole. */
const trustReader = (stateFile: string): ClaudeHome["isTrusted"] => {
  let seen = 0;
  let projects: { readonly [key: string]: { readonly hasTrustDialogAccepted?: boolean } } = {};
  return (folder) => {
    const { ino, mtimeMs } = statSync(stateFile);
    if (ino + mtimeMs !== seen) projects = JSON.parse(readFileSync(stateFile, "utf8")).projects ?? {};
    seen = ino + mtimeMs;
    return projects[folder]?.hasTrustDialogAccepted === true;
  };
};

export const makeClaudeHome = async (folderCount: number): Promise<ClaudeHome> => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "gatehouse-bench-")));
  const home = join(root, "home");
  const mcpFile = join(root, "mcp.json");
  const stateFile = join(home, ".claude.json");
  const lock = `${stateFile}.lock`;
  const folders = Array.from({ length: folderCount }, (_, index) => join(root, `folder-${index}`));
  for (const folder of [home, ...folders]) await mkdir(folder);
  await writeFile(stateFile, JSON.stringify(profile));
  await writeFile(mcpFile, '{"mcpServers":{}}');
  const isolation = ["--bare", "--strict-mcp-config", "--mcp-config", mcpFile, "--setting-sources", "user"];
  return {
    root,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      DISABLE_AUTOUPDATER: "1",
    },
    folders,
    args: [...isolation, "--settings", '{"disableAllHooks":true}', "--tools", ""],
    stateFile,
    isTrusted: trustReader(stateFile),
    isLocked: () => existsSync(lock),
    dispose: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
};
