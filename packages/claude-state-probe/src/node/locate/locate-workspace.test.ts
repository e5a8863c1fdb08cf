import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { locateWorkspace } from "./locate-workspace.ts";

let root: string;
const at = (path: string) => join(root, path);

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "locate-workspace-")));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const git = (folder: string, ...args: string[]) =>
  execFileSync(
    "git",
    ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", ...args],
    { stdio: "pipe", env: { PATH: process.env["PATH"], HOME: root } },
  );

const folder = async (path: string) => {
  await mkdir(at(path), { recursive: true });
  return at(path);
};
const repository = async (path: string) => {
  git(await folder(path), "init", "-q");
  git(at(path), "commit", "-q", "--allow-empty", "-m", "first");
  return at(path);
};
const worktree = (main: string, path: string) => {
  git(at(main), "worktree", "add", "-q", "--detach", at(path));
  return at(path);
};

const roots = async (dir: string) => {
  const located = await locateWorkspace(dir, { home: root });
  if (!located.ok) return located.error;
  const { gitRoot, mainRoot } = located.value;
  return { gitRoot, mainRoot };
};

describe("locateWorkspace finds", () => {
  test("a plain folder, its home, and the path that the caller gave", async () => {
    await folder("plain");
    await symlink(at("plain"), at("link"));
    expect(await locateWorkspace(at("link"), { home: root })).toEqual({
      ok: true,
      value: {
        given: at("link"),
        real: at("plain"),
        gitRoot: null,
        mainRoot: null,
        pointed: [],
        doubt: null,
        readSoSince: null,
        home: root,
      },
    });
  });

  test("the root of a repository from deep inside", async () => {
    await repository("repo");
    expect(await roots(await folder("repo/a/b"))).toEqual({ gitRoot: at("repo"), mainRoot: at("repo") });
  });

  test("the nearest repository if one is nested in another", async () => {
    await repository("repo");
    const inner = await repository("repo/in");
    expect(await roots(inner)).toEqual({ gitRoot: inner, mainRoot: inner });
  });

  test("a submodule as a repository of its own", async () => {
    const library = await repository("library");
    git(await repository("repo"), "submodule", "add", "-q", library, "sub");
    expect(await roots(at("repo/sub"))).toEqual({ gitRoot: at("repo/sub"), mainRoot: at("repo/sub") });
  });

  test("the main checkout of a linked worktree, from its sub-folder too", async () => {
    await repository("repo");
    const tree = worktree("repo", "tree");
    expect(await roots(tree)).toEqual({ gitRoot: tree, mainRoot: at("repo") });
    expect(await roots(await folder("tree/a"))).toEqual({ gitRoot: tree, mainRoot: at("repo") });
  });

  test("the main checkout through relative pointers, as git 2.48 can write them", async () => {
    await repository("repo");
    const tree = worktree("repo", "tree");
    await writeFile(join(tree, ".git"), "gitdir: ../repo/.git/worktrees/tree\n");
    await writeFile(at("repo/.git/worktrees/tree/gitdir"), "../../../../tree/.git\n");
    expect(await roots(tree)).toEqual({ gitRoot: tree, mainRoot: at("repo") });
  });

  test("the main checkout as the worktree's pointer spells it, with its links", async () => {
    await repository("repo");
    const tree = worktree("repo", "tree");
    await symlink(at("repo"), at("link"));
    await writeFile(join(tree, ".git"), `gitdir: ${at("link/.git/worktrees/tree")}\n`);
    expect(await roots(tree)).toEqual({ gitRoot: tree, mainRoot: at("link") });
  });

  test("the bare repository that a worktree belongs to", async () => {
    git(await repository("repo"), "clone", "-q", "--bare", at("repo"), at("bare.git"));
    const tree = worktree("bare.git", "tree");
    expect(await roots(tree)).toEqual({ gitRoot: tree, mainRoot: at("bare.git") });
  });

  test("no root in a bare repository itself", async () => {
    git(await repository("repo"), "clone", "-q", "--bare", at("repo"), at("bare.git"));
    expect(await roots(at("bare.git"))).toEqual({ gitRoot: null, mainRoot: null });
  });

  test("a worktree that was moved by hand as its own root: its main checkout still names the old path", async () => {
    await repository("repo");
    await rename(worktree("repo", "tree"), at("moved"));
    expect(await roots(at("moved"))).toEqual({ gitRoot: at("moved"), mainRoot: at("moved") });
  });

  test("a folder that claims another's worktree as its own root", async () => {
    await repository("repo");
    worktree("repo", "tree");
    await writeFile(join(await folder("thief"), ".git"), `gitdir: ${at("repo/.git/worktrees/tree")}\n`);
    expect(await roots(at("thief"))).toEqual({ gitRoot: at("thief"), mainRoot: at("thief") });
  });

  test("a folder whose own pointers claim a repository elsewhere as its own root", async () => {
    const victim = await repository("victim");
    const thief = await folder("thief/.x/worktrees/thief");
    await writeFile(at("thief/.git"), "gitdir: .x/worktrees/thief\n");
    await writeFile(join(thief, "gitdir"), `${at("thief/.git")}\n`);
    await writeFile(join(thief, "commondir"), `${victim}/.git\n`);
    expect(await roots(at("thief"))).toEqual({ gitRoot: at("thief"), mainRoot: at("thief") });
  });

  test.each([
    { what: "random text", content: "rubbish" },
    { what: "no text", content: "" },
    { what: "a pointer to a missing folder", content: "gitdir: /proc/nowhere/at/all\n" },
  ])("a root if the .git file contains $what", async ({ content }) => {
    await writeFile(join(await folder("odd"), ".git"), content);
    expect(await roots(at("odd"))).toEqual({ gitRoot: at("odd"), mainRoot: at("odd") });
  });

  test("a root if .git is an empty folder or a link to one, no root if the link is broken", async () => {
    await folder("empty/.git");
    await symlink(at("empty/.git"), join(await folder("linked"), ".git"));
    await symlink(at("nowhere"), join(await folder("dangling"), ".git"));
    expect(await roots(at("empty"))).toMatchObject({ gitRoot: at("empty") });
    expect(await roots(at("linked"))).toEqual({ gitRoot: at("linked"), mainRoot: at("linked") });
    expect(await roots(at("dangling"))).toEqual({ gitRoot: null, mainRoot: null });
  });

  test("the same places with any environment variables of git", async () => {
    const repo = await repository("repo");
    const inside = await folder("repo/a");
    vi.stubEnv("GIT_DIR", "/proc/nowhere");
    vi.stubEnv("GIT_CEILING_DIRECTORIES", repo);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await roots(inside)).toEqual({ gitRoot: repo, mainRoot: repo });
  });
});

describe("locateWorkspace refuses", () => {
  test("a missing folder, a file, and a broken link", async () => {
    await writeFile(at("file"), "");
    await symlink(at("nowhere"), at("dangling"));
    const error = { code: "not-a-folder" };
    expect(await roots(at("missing"))).toEqual({ ...error, path: at("missing"), detail: "ENOENT" });
    expect(await roots(at("file"))).toEqual({ ...error, path: at("file"), detail: "ENOTDIR" });
    expect(await roots(at("dangling"))).toEqual({ ...error, path: at("dangling"), detail: "ENOENT" });
    expect(await roots("a\0b")).toMatchObject(error);
  });
});
