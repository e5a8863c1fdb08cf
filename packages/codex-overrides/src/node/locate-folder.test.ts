import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { locateFolder, trustKeys } from "./locate-folder.ts";

let root: string;
const at = (path: string) => join(root, path);

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "locate-folder-")));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
    stdio: "pipe",
    env: { PATH: process.env["PATH"], HOME: root },
  });
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
const keys = async (dir: string) => {
  const located = await locateFolder(dir);
  return located.ok ? trustKeys(located.value) : located.error;
};

describe("the keys of", () => {
  test("a plain folder are its real path", async () => {
    await folder("plain");
    await symlink(at("plain"), at("link"));
    expect(await keys(at("link"))).toEqual([at("plain")]);
  });

  test("a repository are its root", async () => {
    expect(await keys(await repository("repo"))).toEqual([at("repo")]);
  });

  test("a folder in a repository are itself and the root", async () => {
    await repository("repo");
    expect(await keys(await folder("repo/a/b"))).toEqual([at("repo/a/b"), at("repo")]);
  });

  test("a linked worktree are itself and the main checkout", async () => {
    await repository("repo");
    const tree = worktree("repo", "tree");
    expect(await keys(tree)).toEqual([tree, at("repo")]);
    expect(await keys(await folder("tree/a"))).toEqual([at("tree/a"), tree, at("repo")]);
  });

  test("a worktree with relative pointers are the same", async () => {
    await repository("repo");
    const tree = worktree("repo", "tree");
    await writeFile(join(tree, ".git"), "gitdir: ../repo/.git/worktrees/tree\n");
    await writeFile(at("repo/.git/worktrees/tree/gitdir"), "../../../../tree/.git\n");
    expect(await keys(tree)).toEqual([tree, at("repo")]);
  });

  test("a worktree that was moved by hand are itself: its main checkout still names the old path", async () => {
    await repository("repo");
    await rename(worktree("repo", "tree"), at("moved"));
    expect(await keys(at("moved"))).toEqual([at("moved")]);
  });

  test("a folder that claims another's worktree are itself", async () => {
    await repository("repo");
    worktree("repo", "tree");
    await writeFile(join(await folder("thief"), ".git"), `gitdir: ${at("repo/.git/worktrees/tree")}\n`);
    expect(await keys(at("thief"))).toEqual([at("thief")]);
  });

  test("a bare repository's worktree are itself", async () => {
    git(await repository("repo"), "clone", "-q", "--bare", at("repo"), at("bare.git"));
    const tree = worktree("bare.git", "tree");
    expect(await keys(tree)).toEqual([tree]);
  });

  test.each([
    { what: "random text", content: "rubbish" },
    { what: "no text", content: "" },
    { what: "a pointer to a missing folder", content: "gitdir: /proc/nowhere/worktrees/x\n" },
  ])("a folder whose .git contains $what are itself", async ({ content }) => {
    await writeFile(join(await folder("odd"), ".git"), content);
    expect(await keys(at("odd"))).toEqual([at("odd")]);
  });
});

/** The file on the way to the main checkout that could not be read. */
const unread = async (dir: string) => {
  const located = await locateFolder(dir);
  return located.ok ? located.value.unread : located.error;
};

describe("a .git or pointer that cannot be read completely is reported:", () => {
  test("a pipe among the pointers of a worktree, which does not block the read", async ({ skip }) => {
    skip(process.platform === "win32", "Windows has no named pipes among its files");
    const tree = await folder("odd");
    await mkdir(at("odd/.x/worktrees/odd"), { recursive: true });
    await writeFile(join(tree, ".git"), "gitdir: .x/worktrees/odd\n");
    const pipe = at("odd/.x/worktrees/odd/gitdir");
    execFileSync("mkfifo", [pipe]);
    expect(await keys(tree)).toEqual([tree]);
    expect(await unread(tree)).toEqual({ file: pipe, detail: "not a file" });
  });

  test("a pipe instead of a .git, and the repository above it is found", async ({ skip }) => {
    skip(process.platform === "win32", "Windows has no named pipes among its files");
    const repo = await repository("repo");
    const sub = await folder("repo/sub");
    execFileSync("mkfifo", [join(sub, ".git")]);
    expect(await keys(sub)).toEqual([sub, repo]);
    expect(await unread(sub)).toEqual({ file: join(sub, ".git"), detail: "not a file" });
  });

  test("a .git that is a broken link", async () => {
    const odd = await folder("odd");
    await symlink("nowhere", join(odd, ".git"));
    expect(await unread(odd)).toEqual({ file: join(odd, ".git"), detail: "not a file" });
  });

  test("a .git of a gigabyte", async () => {
    const odd = await folder("odd");
    await writeFile(join(odd, ".git"), "gitdir: x\n");
    await truncate(join(odd, ".git"), 1_000_000_000);
    expect(await keys(odd)).toEqual([odd]);
    expect(await unread(odd)).toEqual({ file: join(odd, ".git"), detail: "EFBIG" });
  });

  test("but not a pointer to a missing folder, or a submodule, which has no pointer back", async () => {
    await writeFile(join(await folder("odd"), ".git"), "gitdir: /proc/nowhere/worktrees/x\n");
    expect(await unread(at("odd"))).toBeNull();
    await folder("sub/git");
    await writeFile(at("sub/.git"), "gitdir: git\n");
    expect(await unread(at("sub"))).toBeNull();
  });
});

test("a path that is not a folder is refused", async () => {
  await writeFile(at("file"), "");
  const error = { code: "not-a-folder" };
  expect(await keys(at("missing"))).toEqual({ ...error, folder: at("missing"), detail: "ENOENT" });
  expect(await keys(at("file"))).toEqual({ ...error, folder: at("file"), detail: "ENOTDIR" });
});
