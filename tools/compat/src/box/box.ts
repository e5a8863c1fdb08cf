import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";

/**
 * A temporary place on disk: a HOME, folders to work in, our data folder, and a folder for temporary files.
 */
export type Box = {
  readonly root: string;
  readonly home: string;
  readonly tmp: string;
  readonly data: string;
  /** The whole environment of the programs started here. Only PATH is taken from the caller. */
  readonly env: Readonly<Record<string, string>>;
  /** The absolute path of a name relative to HOME; "" is HOME itself. */
  path(name: string): string;
  folder(name: string): string;
  /** Writes a text unchanged, any other value as JSON. */
  write(name: string, content: string | object): void;
  link(name: string, target: string): void;
  git(name: string, ...args: readonly string[]): void;
  /** Creates a git repository with one commit of all files in the folder. */
  repository(name: string): void;
  /** Creates a repository, and a linked worktree of it. */
  worktree(main: string, tree: string): void;
  remove(): void;
};

/**
 * The content of `.claude.json` after a person has gone through the CLI's onboarding, with optional trusted
 * folders.
 */
export const setUpProfile = (trustedPaths: readonly string[] = []): object => ({
  hasCompletedOnboarding: true,
  theme: "dark",
  ...(trustedPaths.length > 0 && {
    // 1.0.51 to 2.0.0 crash on a project without `allowedTools`.
    projects: Object.fromEntries(
      trustedPaths.map((path) => [path, { allowedTools: [], hasTrustDialogAccepted: true }]),
    ),
  }),
});

/** A proxy without a server, so that the CLI's behaviour does not depend on this machine's network. */
export const offline = { HTTPS_PROXY: "http://127.0.0.1:9" };

/** Git as on a machine without any configuration, with an author for commits. */
const gitEnv = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.invalid",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.invalid",
};

/**
 * Creates the box at `root` (which must not exist), or under a new name in the system's folder for temporary
 * files.
 */
export const openBox = (root?: string): Box => {
  if (root !== undefined) mkdirSync(root);
  const real = realpathSync(root ?? mkdtempSync(join(tmpdir(), "gh-compat-")));
  const [home, tmp, data] = ["home", "tmp", "data"].map((name) => join(real, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [home, tmp]) mkdirSync(path);
  const base = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    TMPDIR: tmp,
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
  };
  const env = { ...base, GATEHOUSE_DATA: data, DISABLE_AUTOUPDATER: "1" };
  const path = (name: string) => (name.startsWith("/") ? name : join(home, name));
  const folder = (name: string) => {
    mkdirSync(path(name), { recursive: true });
    return path(name);
  };
  const git = (name: string, ...args: readonly string[]) => {
    execFileSync("git", args, {
      cwd: folder(name),
      env: { ...env, ...gitEnv },
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  const repository = (name: string) => {
    git(name, "init", "--quiet", "--initial-branch=main");
    git(name, "add", "--all");
    git(name, "commit", "--quiet", "--allow-empty", "--message=start");
  };
  return {
    root: real,
    home,
    tmp,
    data,
    env,
    path,
    folder,
    git,
    write: (name, content) => {
      folder(dirname(path(name)));
      writeFileSync(path(name), typeof content === "string" ? content : JSON.stringify(content));
    },
    link: (name, target) => symlinkSync(path(target), path(name)),
    repository,
    worktree: (main, tree) => {
      repository(main);
      git(main, "worktree", "add", "--quiet", path(tree));
    },
    // A CLI that was just ended may still write here, so the folder may not be empty: removing is retried.
    remove: () => rmSync(real, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
};
