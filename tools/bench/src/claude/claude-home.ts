import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A temporary HOME with a set-up profile, and new folders that are not trusted yet. */
export type ClaudeHome = {
  readonly root: string;
  readonly env: { readonly [name: string]: string };
  readonly folders: readonly string[];
  readonly stateFile: string;
  /** The folders that the state on disk does not trust now. */
  readonly untrusted: () => readonly string[];
  readonly dispose: () => Promise<void>;
};

export const makeClaudeHome = async (folderCount: number): Promise<ClaudeHome> => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "gatehouse-bench-")));
  const home = join(root, "home");
  const stateFile = join(home, ".claude.json");
  const folders = Array.from({ length: folderCount }, (_, index) => join(root, `folder-${index}`));
  for (const folder of [home, ...folders]) await mkdir(folder);
  await writeFile(stateFile, JSON.stringify({ hasCompletedOnboarding: true, theme: "dark" }));
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
    stateFile,
    untrusted: () => {
      const { projects = {} } = JSON.parse(readFileSync(stateFile, "utf8")) as State;
      return folders.filter((folder) => projects[folder]?.hasTrustDialogAccepted !== true);
    },
    dispose: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
};

type State = {
  readonly projects?: { readonly [folder: string]: { readonly hasTrustDialogAccepted?: boolean } };
};
